import { type EventRecord, noProgress, type Verdict } from '@hookport/core'
import { Redis } from 'ioredis'
import { expect, onTestFinished, test } from 'vitest'
import { RedisEvents } from '../src/consume/redis-events.ts'
import type { BullmqInboxOptions } from '../src/index.ts'
import { Keys } from '../src/layout/keys.ts'
import { openConnection } from '../src/redis/connections.ts'
import { RedisLink } from '../src/redis/redis-link.ts'
import { useBench } from './support/bench.ts'
import { consume } from './support/consuming.ts'
import { done, remember, sampleEvent, sampleFailure } from './support/sample-event.ts'

const bench = useBench()
const accepted = { outcome: 'accepted' }
const duplicate = { outcome: 'duplicate', conflict: false }
const run = 'sematryx:run_1.completed'
const park: Verdict = { outcome: 'park', progress: noProgress }
const delivered = (more = {}) => sampleEvent({ aliases: [run], ...more })
const reconciled = (more = {}) =>
  sampleEvent({ key: run, id: 'run_1.completed', origin: 'reconciled', fingerprint: 7, ...more })

test('what was delivered and is reconciled under one of its aliases is one event, in either order', async () => {
  const inbox = bench.open()
  expect(await inbox.put(delivered(), remember)).toEqual(accepted)
  expect(await inbox.put(reconciled(), remember)).toEqual(duplicate)
  const other = { key: 'sematryx:run_2.completed', id: 'run_2.completed' }
  expect(await inbox.put(reconciled(other), remember)).toEqual(accepted)
  expect(await inbox.put(delivered({ aliases: [other.key] }), remember)).toEqual(duplicate)
  expect(await inbox.counts()).toMatchObject({ pending: 2 })
})

test('two deliveries of one alias are two events', async () => {
  const inbox = bench.open()
  expect(await inbox.put(delivered(), remember)).toEqual(accepted)
  expect(await inbox.put(delivered(), remember)).toEqual(accepted)
})

test('what is reconciled finds the delivery whose key is one of its aliases', async () => {
  const inbox = bench.open()
  const event = sampleEvent()
  await inbox.put(event, remember)
  expect(await inbox.put(reconciled({ aliases: [event.key] }), remember)).toEqual(duplicate)
})

test('aliases count for claims, and are remembered by what ends one', async () => {
  const inbox = bench.open()
  const leased = { ...remember, leaseMs: 30_000 }
  const claimed = await inbox.claim(delivered(), leased)
  if (claimed.outcome !== 'claimed') throw new Error(claimed.outcome)
  expect(await inbox.confirm(claimed.lease, delivered({ key: claimed.lease.key }), remember)).toBe(true)
  expect(await inbox.claim(reconciled(), leased)).toEqual(duplicate)
  expect(await inbox.put(reconciled(), remember)).toEqual(duplicate)
})

test('an event without other names has none in Redis: no two are taken for one', async () => {
  const inbox = bench.open()
  const names = () => bench.redis.keys(`${bench.prefix}:aliases:*`)
  await inbox.put(sampleEvent(), remember)
  expect(await names()).toEqual([])
  const [confirmed, buried] = [sampleEvent(), sampleEvent()]
  const lease = async (event: EventRecord) => {
    const claimed = await inbox.claim(event, { ...remember, leaseMs: 30_000 })
    expect(await names()).toEqual([])
    return claimed.outcome === 'claimed' ? claimed.lease : expect.fail(claimed.outcome)
  }
  expect(await inbox.confirm(await lease(confirmed), confirmed, remember)).toBe(true)
  const burial = { ...remember, progress: noProgress, failures: [sampleFailure] }
  expect(await inbox.bury(await lease(buried), buried, burial)).toBe(true)
  expect(await names()).toEqual([])
})

test('an event that is buried under its lease says in a dashboard why', async () => {
  const inbox = bench.open()
  const event = sampleEvent({ id: 'buried' })
  const claimed = await inbox.claim(event, { ...remember, leaseMs: 30_000 })
  if (claimed.outcome !== 'claimed') throw new Error(claimed.outcome)
  await inbox.bury(claimed.lease, event, { ...remember, progress: noProgress, failures: [sampleFailure] })
  expect(await inbox.queue('sematryx').getJob('sematryx|buried')).toMatchObject({ failedReason: 'broken' })
})

test('an alias is forgotten with its key', async () => {
  const inbox = bench.open()
  const event = delivered()
  await inbox.put(event, { rememberMs: 50 })
  await inbox.discard(event.key)
  await expect.poll(() => inbox.put(reconciled(), remember)).toEqual(accepted)
})

test.each<[string, Verdict, Partial<BullmqInboxOptions>?, Parameters<typeof consume>[2]?]>([
  ['done', done],
  ['handled and no longer kept', { ...done, keepMs: 1 }],
  ['dead for too long', { outcome: 'dead', progress: noProgress, failures: [] }, { keepDeadFor: 1 }],
  ['parked for too long', park, {}, { parking: { keepMs: 1, maxBytes: 1_000 } }],
  ['parked beyond the limit', park, {}, { parking: { keepMs: 1_000_000, maxBytes: 1 } }],
  ['dropped', done, {}, { types: [], others: 'drop' }],
])('nothing is left in Redis of the names of an event that is %s', async (_, verdict, options, consuming) => {
  const inbox = bench.open(options)
  const short = { rememberMs: 50 }
  await inbox.put(delivered(), short)
  await inbox.put(reconciled({ key: 'sematryx:run_2.completed', aliases: ['sematryx:run_2'] }), short)
  const names = () => bench.redis.keys(`${bench.prefix}:aliases:*`)
  expect(await names()).toHaveLength(3)
  const { consumer } = consume(inbox, async () => verdict, consuming)
  await expect
    .poll(async () => {
      consumer.wake()
      return names()
    })
    .toEqual([])
})

test('nor of one that is discarded', async () => {
  const inbox = bench.open()
  const event = delivered()
  await inbox.put(event, { rememberMs: 50, failure: sampleFailure })
  expect(await inbox.discard(event.key)).toBe(true)
  await expect.poll(() => bench.redis.keys(`${bench.prefix}:aliases:*`)).toEqual([])
})

test('an alias lasts for as long as one of its events is kept, though another is remembered for less', async () => {
  const inbox = bench.open()
  await inbox.put(delivered(), { ...remember, failure: sampleFailure })
  const short = { rememberMs: 50 }
  const other = delivered()
  const claimed = await inbox.claim(other, { ...short, leaseMs: 30_000 })
  if (claimed.outcome !== 'claimed') throw new Error(claimed.outcome)
  expect(await inbox.confirm(claimed.lease, other, short)).toBe(true)
  await expect.poll(() => inbox.knows?.([other.key])).toBe(false)
  expect(await inbox.put(reconciled(), remember)).toEqual(duplicate)
})

test('the whole record comes back as it was put', async () => {
  const inbox = bench.open()
  const event = sampleEvent({
    tenant: 'größer\u0000\ud800 "quoted"',
    type: 'order.paid,"body":"',
    aliases: [run],
    orderKey: 'order "7"',
    request: { url: '/hook?a=b', headers: { 'x-a': '1', body: '"body":"', tenant: 'x', fingerprint: '1' } },
    trace: { traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01', tracestate: 'a=b' },
    rawBody: Buffer.from('{"body":"x","tenant":"y","fingerprint":"2"}'),
  })
  await inbox.put(event, remember)
  expect(await inbox.get(event.key)).toMatchObject(event)
  const { rawBody: _, ...described } = event
  expect((await inbox.list()).items).toMatchObject([described])
  expect((await inbox.list()).items[0]).not.toHaveProperty('rawBody')
  const consuming = consume(inbox)
  await consuming.consumer.idle()
  expect(consuming.turns.map((turn) => turn.event)).toEqual([event])
})

test('events are listed and counted by tenant', async () => {
  const inbox = bench.open()
  for (const tenant of ['one', 'two', 'two']) await inbox.put(sampleEvent({ tenant }), remember)
  const decoy = { request: { url: '/', headers: { tenant: 'two' } } }
  await inbox.put(sampleEvent(decoy), remember)
  expect((await inbox.list({ tenant: 'two' })).items).toHaveLength(2)
  expect(await inbox.counts({ tenant: 'two' })).toMatchObject({ pending: 2 })
  expect(await inbox.counts({ source: 'sematryx', tenant: 'one' })).toMatchObject({ pending: 1 })
})

test('an event that can not be handled as it is is a dead letter from the beginning', async () => {
  const inbox = bench.open()
  const event = sampleEvent({ unreadable: true, type: 'unreadable' })
  expect(await inbox.put(event, { ...remember, failure: sampleFailure })).toEqual(accepted)
  expect(await inbox.put(event, { ...remember, failure: sampleFailure })).toEqual(duplicate)
  expect(await inbox.get(event.key)).toMatchObject({
    state: 'dead',
    unreadable: true,
    failures: [sampleFailure],
  })
})

test('dead letters are deleted after keepDeadFor, also those that had no turn, and their keys stay remembered', async () => {
  const inbox = bench.open({ keepDeadFor: 200 })
  const event = sampleEvent()
  const consuming = consume(inbox, async ({ progress }) => ({
    outcome: 'dead',
    progress,
    failures: [sampleFailure],
  }))
  const [put, claimed] = ['put', 'claimed'].map((id) => sampleEvent({ key: `sematryx:${id}`, id })) as [
    EventRecord,
    EventRecord,
  ]
  await inbox.put(put, { ...remember, failure: sampleFailure })
  const claim = await inbox.claim(claimed, { ...remember, leaseMs: 30_000 })
  if (claim.outcome !== 'claimed') expect.unreachable()
  const burial = { ...remember, progress: noProgress, failures: [sampleFailure] }
  expect(await inbox.bury(claim.lease, claimed, burial)).toBe(true)
  await inbox.put(event, remember)
  await expect.poll(() => inbox.get(event.key)).toMatchObject({ state: 'dead' })
  await expect
    .poll(
      async () => {
        consuming.consumer.wake()
        return inbox.counts()
      },
      { timeout: 5_000 },
    )
    .toMatchObject({ dead: 0 })
  for (const known of [event, put, claimed]) expect(await inbox.put(known, remember)).toEqual(duplicate)
})

test('a dead letter whose job something has deleted in Redis is not redriven, and nothing is left that has no event', async () => {
  const inbox = bench.open()
  const event = sampleEvent()
  await inbox.put(event, { ...remember, failure: sampleFailure })
  const queue = inbox.queue('sematryx')
  const job = queue.toKey(event.key.replaceAll(':', '|'))
  await bench.redis.del(job)
  expect(await inbox.redrive(event.key)).toBe(false)
  expect(await bench.redis.exists(job)).toBe(0)
  expect(await queue.getWaitingCount()).toBe(0)
})

test('what a dashboard has logged for an event is deleted with it', async () => {
  const inbox = bench.open()
  const event = sampleEvent()
  await inbox.put(event, remember)
  const queue = inbox.queue('sematryx')
  const jobId = event.key.replaceAll(':', '|')
  await queue.addJobLog(jobId, 'looked at')
  const logs = `${queue.toKey(jobId)}:logs`
  expect(await bench.redis.exists(logs)).toBe(1)
  expect(await inbox.discard(event.key)).toBe(true)
  expect(await bench.redis.exists(logs)).toBe(0)
})

test('which handlers a process had is told to others for ten minutes, and no more after a deploy', async () => {
  const inbox = bench.open()
  await inbox.put(sampleEvent(), remember)
  const keys = new Keys(bench.prefix, 'webhooks')
  const consumers = keys.ofQueue('sematryx', 'consumers')
  const minutesAgo = (minutes: number) => Date.now() - minutes * 60_000
  await bench.redis.zadd(consumers, minutesAgo(11), 'order.old', minutesAgo(9), 'order.sent')
  const link = new RedisLink(openConnection(bench.server.url, 'work'), async () => {})
  onTestFinished(() => link.close())
  const options = { source: 'sematryx', keepDeadFor: Number.POSITIVE_INFINITY }
  const events = new RedisEvents(link, keys, options, () => {})
  expect(await events.announce('order.paid')).toEqual(['order.sent', 'order.paid'])
})

test('how an application wants answers for itself does not reach the inbox', async () => {
  const client = new Redis(bench.server.url, { stringNumbers: true, lazyConnect: true })
  const inbox = bench.open({ connection: client })
  for (const id of ['one', 'two', 'three'])
    expect(await inbox.put(sampleEvent({ key: `sematryx:${id}`, id }), remember)).toEqual(accepted)
  expect(await inbox.counts()).toMatchObject({ pending: 3, dead: 0 })
})

test('inboxes under one prefix whose queues have other names share nothing: what one took on, the other takes on too', async () => {
  const inboxes = ['webhooks', 'staging', 'production'].map((queueName) => bench.open({ queueName }))
  expect(new Set(inboxes.map(({ store }) => store)).size).toBe(3)
  const [put, claimed] = [sampleEvent(), sampleEvent()]
  for (const inbox of inboxes) {
    expect(await inbox.put(put, remember)).toEqual({ outcome: 'accepted' })
    expect(await inbox.claim(claimed, { ...remember, leaseMs: 30_000 })).toMatchObject({ outcome: 'claimed' })
    expect(await inbox.notes?.write('paused:sematryx', '[]', undefined)).toBe(true)
    expect(await inbox.notes?.lead('reconcile:sematryx', 'one', 30_000)).toBe(true)
    expect(await inbox.discard(put.key)).toBe(true)
    expect(await inbox.put(put, remember)).toEqual({ outcome: 'duplicate', conflict: false })
  }
})
