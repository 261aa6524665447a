import { setTimeout as sleep } from 'node:timers/promises'
import type { EventRecord } from '@hookport/core'
import { type RedisServer, startRedis } from '@hookport/testkit/servers/redis-server'
import { Redis } from 'ioredis'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type BullmqInbox, bullmqInbox } from '../src/index.ts'
import { remember, sampleEvent } from './support/sample-event.ts'

let server: RedisServer
let inbox: BullmqInbox
const outcomeOf = async (event: EventRecord) => (await inbox.put(event, remember)).outcome

beforeEach(async () => {
  server = await startRedis(['--appendonly', 'yes', '--appendfsync', 'always'])
  inbox = bullmqInbox({ connection: server.url })
})

afterEach(async () => {
  await inbox.close()
  await server.stop()
})

test('puts of one turn of the event loop share a round trip', async () => {
  await inbox.put(sampleEvent(), remember)
  const monitor = new Redis(server.url)
  await monitor.config('RESETSTAT')
  await Promise.all(Array.from({ length: 50 }, () => inbox.put(sampleEvent(), remember)))
  const [, calls] = /cmdstat_evalsha:calls=(\d+)/.exec(await monitor.info('commandstats')) ?? []
  monitor.disconnect()
  expect(calls).toBe('1')
})

test('a put waits for a Redis that is down until a sender would hang up, then puts reject at once, until it is back', async () => {
  await inbox.put(sampleEvent(), remember)
  await server.kill()
  // Timers, and no measured times: on a busy machine they are as late as those of the inbox.
  const ended: unknown[] = []
  const timers = [1_500, 3_000].map((ms) => sleep(ms).then(() => ended.push(ms)))
  await Promise.resolve(inbox.put(sampleEvent(), remember)).catch(({ message }) => ended.push(message))
  await Promise.all(timers)
  const refused = expect.stringMatching(/Redis can't be reached/)
  expect(ended).toEqual([1_500, refused, 3_000])
  const atOnce = Promise.resolve(inbox.put(sampleEvent(), remember)).catch(({ message }) => message)
  expect(await Promise.race([atOnce, sleep(500, 'later')])).toEqual(refused)

  await server.restart()
  const event = sampleEvent()
  await expect.poll(() => outcomeOf(event).catch(String), { timeout: 10_000 }).toBe('accepted')
})

test('a put rejects when Redis can not be reached from the start', async () => {
  await server.kill()
  await expect(inbox.put(sampleEvent(), remember)).rejects.toThrow()
})

test('a put rejects while Redis is frozen, and the next delivery of the event comes out right whichever way it went', async () => {
  await inbox.put(sampleEvent(), remember)
  const event = sampleEvent()
  server.process.kill('SIGSTOP')
  const put = inbox.put(event, remember)
  await expect(put).rejects.toThrow()
  server.process.kill('SIGCONT')

  // The thawed Redis has run the first put, or else the next one is accepted: it is a duplicate from then on, and kept once.
  await expect.poll(() => outcomeOf(event).catch(String), { timeout: 10_000 }).toBe('duplicate')
  expect(await inbox.counts()).toMatchObject({ pending: 2 })
})

test('a put rejects when the memory of Redis is full', async () => {
  await inbox.put(sampleEvent(), remember)
  const admin = new Redis(server.url)
  await admin.config('SET', 'maxmemory', '1mb')
  const event = sampleEvent()
  await expect(inbox.put(event, remember)).rejects.toThrow(/OOM/)
  await admin.config('SET', 'maxmemory', '0')
  admin.disconnect()
  expect(await inbox.put(event, remember)).toEqual({ outcome: 'accepted' })
})

test('an eviction policy and missing persistence are found as risks', async () => {
  const volatile = await startRedis(['--maxmemory-policy', 'allkeys-lru'])
  const risky = bullmqInbox({ connection: volatile.url })
  expect(await risky.findRisks?.()).toEqual([
    expect.stringContaining('allkeys-lru'),
    expect.stringContaining('nothing to disk'),
  ])
  expect(await inbox.findRisks?.()).toEqual([])
  await risky.close()
  await volatile.stop()
})

test('a missing connection, a keyPrefix, unknown options and unusable values are errors at construction', () => {
  expect(() => bullmqInbox({ connection: '' })).toThrow(/connection is missing/)
  expect(() => bullmqInbox({ connection: { keyPrefix: 'x' } })).toThrow(/keyPrefix/)
  expect(() => bullmqInbox({ connection: server.url, queueName: 'a:b' })).toThrow(/queueName/)
  expect(() => bullmqInbox({ connection: server.url, leaseMs: 1.5 })).toThrow(/leaseMs/)
  expect(() => bullmqInbox({ connection: server.url, application: 'a:b' })).toThrow(/application/)
  expect(() => bullmqInbox({ connection: server.url, keepDeadFor: 0 })).toThrow(/keepDeadFor/)
  expect(() => bullmqInbox({ connection: server.url, maxMemoryShare: 90 })).toThrow(/maxMemoryShare/)
  const mistyped = { connection: server.url, leasMs: 1_000 }
  expect(() => bullmqInbox(mistyped)).toThrow(/leasMs; did you mean bullmqInbox.leaseMs/)
})

test("an ioredis client's options are used, the client is not", async () => {
  const client = new Redis(server.url, { lazyConnect: true })
  const own = bullmqInbox({ connection: client })
  expect(await own.put(sampleEvent(), remember)).toEqual({ outcome: 'accepted' })
  await sleep(20)
  expect(client.status).toBe('wait')
  await own.close()
})

test('claims of one turn share a round trip, and so do their confirmations', async () => {
  const claimAll = (events: EventRecord[]) =>
    Promise.all(events.map((event) => inbox.claim(event, { ...remember, leaseMs: 30_000 })))
  await claimAll([sampleEvent()])
  const monitor = new Redis(server.url)
  await monitor.config('RESETSTAT')
  const events = Array.from({ length: 50 }, () => sampleEvent())
  const claims = await claimAll(events)
  await Promise.all(
    claims.map((claim, index) =>
      claim.outcome === 'claimed'
        ? inbox.confirm(claim.lease, events[index] as EventRecord, remember)
        : expect.fail(claim.outcome),
    ),
  )
  const stats = await monitor.info('commandstats')
  monitor.disconnect()
  const calls = [...stats.matchAll(/cmdstat_eval(?:sha)?:calls=(\d+)/g)].map(([, count]) => Number(count))
  expect(calls.reduce((sum, count) => sum + count)).toBe(2)
})

test('a claim that Redis can not carry out rejects alone', async () => {
  const [good, bad, other] = [sampleEvent(), sampleEvent(), sampleEvent()]
  const client = new Redis(server.url)
  await client.set(`{hookport}:claims:${bad.key}`, 'not a lease')
  client.disconnect()
  const claim = (event: EventRecord) => inbox.claim(event, { ...remember, leaseMs: 30_000 })
  const [first, second, third] = await Promise.allSettled([good, bad, other].map(claim))
  expect([first, third]).toMatchObject(Array(2).fill({ value: { outcome: 'claimed' } }))
  expect(second).toMatchObject({
    status: 'rejected',
    reason: { message: expect.stringContaining('WRONGTYPE') },
  })
})

test('a time that is no whole number of milliseconds is rounded up', async () => {
  const event = sampleEvent()
  expect(await inbox.put(event, { rememberMs: 59_999.5 })).toEqual({ outcome: 'accepted' })
  const claimed = await inbox.claim(sampleEvent(), { rememberMs: 0.2, leaseMs: 30_000 })
  expect(claimed).toMatchObject({ outcome: 'claimed' })
})
