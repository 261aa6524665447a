import { setTimeout as sleep } from 'node:timers/promises'
import { deferred } from '@hookport/testkit/deferred'
import { emptyCounts } from '@hookport/testkit/inbox/event-records'
import { expect, test, vi } from 'vitest'
import { bullmqInbox } from '../src/index.ts'
import { useBench } from './support/bench.ts'
import { consume } from './support/consuming.ts'
import { restoreLayout1 } from './support/restore.ts'
import { remember, sampleEvent } from './support/sample-event.ts'

const bench = useBench()
const patience = { timeout: 30_000 }
const dayMs = 24 * 60 * 60_000

/** As the version that made the fixture put it. */
const fingerprint = 123_456_789_012_345
const earlier = (id: string) => sampleEvent({ id, fingerprint })
const first = { completed: ['first'], abandoned: [] }

test('what the version before layouts had a number left is taken over where it lies: jobs of every state, ids, claims, interruptions', async () => {
  await restoreLayout1(bench.redis)
  const inbox = bench.open({ prefix: '{hookport}', leaseMs: 500 })

  expect(await inbox.counts()).toEqual({ ...emptyCounts, pending: 3, scheduled: 1, active: 1, dead: 2 })
  expect(await bench.redis.get('{hookport}:layout')).toBe('3')
  expect(await inbox.get('sematryx:pending-1')).toMatchObject({
    state: 'pending',
    source: 'sematryx',
    origin: 'delivery',
    id: 'pending-1',
    fingerprint,
    rawBody: Buffer.from('{"id":"pending-1","note":"é🪝"}'),
  })
  expect(await inbox.get('sematryx:pending-2')).toMatchObject({ rawBody: Buffer.from([0xff, 0x00, 0xfe]) })
  const scheduled = await inbox.get('sematryx:scheduled')
  expect(scheduled).toMatchObject({ state: 'scheduled', attempt: 2, progress: first })
  expect(Math.abs(Number(scheduled?.dueAt) - Date.now() - dayMs)).toBeLessThan(60_000)
  expect(scheduled?.failures).toMatchObject([{ message: 'later' }])
  for (const id of ['dead', 'buried']) {
    expect(await inbox.get(`sematryx:${id}`)).toMatchObject({
      state: 'dead',
      progress: { completed: ['first'], abandoned: [{ message: 'broken' }] },
    })
  }

  for (const id of ['handled', 'confirmed', 'dead', 'buried', 'pending-1', 'active', 'scheduled']) {
    expect(await inbox.put(earlier(id), remember), id).toEqual({ outcome: 'duplicate', conflict: false })
  }
  const leased = { ...remember, leaseMs: 30_000 }
  expect(await inbox.claim(earlier('claim-running'), leased)).toMatchObject({ outcome: 'in_progress' })
  const released = await inbox.claim(earlier('claim-released'), leased)
  expect(released).toMatchObject({ outcome: 'claimed', lease: { attempt: 2, progress: first } })

  const consuming = consume(inbox)
  await vi.waitFor(
    async () => expect(await inbox.counts()).toEqual({ ...emptyCounts, scheduled: 1, dead: 2 }),
    patience,
  )
  const turnOf = (id: string) => consuming.turns.find(({ event }) => event.id === id)
  expect(turnOf('active')).toMatchObject({
    interruptions: 2,
    wasInterrupted: true,
    progress: first,
    attempt: 1,
  })
  expect(turnOf('pending-1')).toMatchObject({ interruptions: 0, wasInterrupted: false })
  expect(turnOf('claimed-then-put')?.progress).toEqual(first)
  const [deadJob = ''] = await bench.redis.keys('*:sematryx|dead')
  await bench.redis.hset(deadJob, 'stc', 2) // as BullMQ leaves it on a job that stalled too often
  expect(await inbox.redrive('sematryx:dead')).toBe(true)
  const anew = { attempt: 1, progress: first, interruptions: 0 }
  await vi.waitFor(() => expect(turnOf('dead')).toMatchObject(anew), patience)
}, 60_000)

test('a process that meets a newer layout while it runs refuses everything from then on, in a sentence, and writes nothing', async () => {
  const inbox = bench.open({ leaseMs: 500 })
  const event = sampleEvent()
  const claimed = await inbox.claim(sampleEvent(), { ...remember, leaseMs: 30_000 })
  if (claimed.outcome !== 'claimed') throw new Error(claimed.outcome)
  const { lease } = claimed
  const gate = deferred<undefined>()
  await inbox.put(event, remember)
  const consuming = consume(inbox, () => gate.promise)
  await vi.waitFor(() => expect(consuming.turns).toHaveLength(1), patience)
  await sleep(300) // so that the marker of the put is gone: the wake that a consumer waits for is taken without a look at the layout

  await bench.redis.set(`${bench.prefix}:layout`, '4')
  const before = await contents()
  const burial = { ...remember, progress: first, failures: [] }
  const calls: Record<string, () => unknown> = {
    put: () => inbox.put(sampleEvent(), remember),
    claim: () => inbox.claim(sampleEvent(), { ...remember, leaseMs: 30_000 }),
    renew: () => inbox.renew(lease, 1_000),
    confirm: () => inbox.confirm(lease, event, remember),
    release: () => inbox.release(lease, first, true),
    bury: () => inbox.bury(lease, event, burial),
    park: () => inbox.park(lease, event, burial),
    counts: () => inbox.counts({ source: 'sematryx' }),
    list: () => inbox.list(),
    get: () => inbox.get(event.key),
    redrive: () => inbox.redrive(event.key),
    discard: () => inbox.discard(event.key),
  }
  for (const [name, call] of Object.entries(calls)) {
    await expect(async () => call(), name).rejects.toThrow(
      /version 4, but this process knows 3: .* update this one/,
    )
  }
  gate.resolve(undefined)
  await vi.waitFor(() => expect(consuming.lines.map(({ level }) => level)).toContain('error'), patience)
  expect(await contents()).toEqual(before)
  await bench.redis.set(`${bench.prefix}:layout`, '3')
}, 60_000)

test('an inbox of today refuses a newer layout at first use', async () => {
  await bench.redis.set(`${bench.prefix}:layout`, '4')
  await expect(bench.open().put(sampleEvent(), remember)).rejects.toThrow(/update this one/)
})

test('a store that is emptied while a process runs is laid out anew', async () => {
  const inbox = bench.open()
  await inbox.put(sampleEvent(), remember)
  await bench.redis.flushall()
  expect(await inbox.put(sampleEvent(), remember)).toEqual({ outcome: 'accepted' })
  expect(await bench.redis.get(`${bench.prefix}:layout`)).toBe('3')
})

test('applications of two names share a Redis, each with its own events, whatever prefix they were given', async () => {
  const connection = bench.server.url
  const event = sampleEvent()
  const options = [
    { connection },
    { connection, application: 'shop' },
    { connection, prefix: '{own}' },
    { connection, prefix: '{own}', application: 'shop' },
  ]
  const inboxes = options.map((each) => bullmqInbox(each))
  try {
    expect(new Set(inboxes.map(({ store }) => store)).size).toBe(4)
    for (const inbox of inboxes) {
      expect(await inbox.put(event, remember)).toEqual({ outcome: 'accepted' })
      expect(await inbox.findRisks?.()).toEqual([expect.stringContaining('nothing to disk')])
    }
  } finally {
    await Promise.all(inboxes.map((inbox) => inbox.close()))
  }
})

test('an inbox that finds the mark of another application says so', async () => {
  await bench.open({ prefix: '{garden}' }).put(sampleEvent(), remember)
  const garden = bullmqInbox({ connection: bench.server.url, application: 'garden' })
  try {
    await expect(garden.findRisks?.()).resolves.toContainEqual(
      expect.stringMatching(
        /under \{garden\} belong to the application hookport, but this inbox belongs to garden/,
      ),
    )
  } finally {
    await garden.close()
  }
})

test('an inbox on a source that others consume for other types says so, once', async () => {
  const theirs = consume(bench.open(), undefined, { types: ['order.paid'] })
  await theirs.consumer.idle()
  const ours = consume(bench.open(), undefined, { types: ['order.sent'] })
  await vi.waitFor(() => expect([...ours.lines, ...theirs.lines]).not.toEqual([]), { timeout: 15_000 })
  const [line] = [...ours.lines, ...theirs.lines]
  expect(line).toMatchObject({ level: 'warn', message: expect.stringContaining('application') })
  expect(line?.details).toMatchObject({ source: 'sematryx' })
})

test('the store names what it is in, and no password', () => {
  const inbox = bullmqInbox({ connection: 'redis://user:secret@example.test:6380/3' })
  expect(inbox.store).toBe('redis://example.test:6380/3 {hookport} webhooks')
  return inbox.close()
})

test('one Redis is one store, under whichever name this machine goes', async () => {
  const hosts = ['localhost', '127.0.0.1', 'LocalHost', '[::1]', '127.0.1.1']
  const inboxes = hosts.map((host) => bullmqInbox({ connection: `redis://${host}:6380` }))
  inboxes.push(bullmqInbox({ connection: { host: '::1', port: 6380 } }))
  expect(new Set(inboxes.map(({ store }) => store))).toEqual(
    new Set(['redis://localhost:6380/0 {hookport} webhooks']),
  )
  await Promise.all(inboxes.map((inbox) => inbox.close()))
})

async function contents(): Promise<Record<string, string | null>> {
  const dumped: Record<string, string | null> = {}
  for (const key of (await bench.redis.keys(`${bench.prefix}:*`)).sort()) {
    dumped[key] = String(await bench.redis.dump(key))
  }
  return dumped
}

test('an event that a Worker of BullMQ has locked is handed to nobody for as long as that lasts, though its lease has run out', async () => {
  const inbox = bench.open()
  const event = sampleEvent()
  await inbox.put(event, remember)
  const queue = inbox.queue('sematryx')
  const jobId = event.key.replaceAll(':', '|')
  const [wait, active, leases] = ['wait', 'active', 'leases'].map((name) => queue.toKey(name)) as [
    string,
    string,
    string,
  ]
  await bench.redis.lmove(wait, active, 'RIGHT', 'LEFT')
  await bench.redis.set(`${queue.toKey(jobId)}:lock`, 'a worker', 'PX', 60_000)
  await bench.redis.zadd(leases, 1, jobId)
  const { ids } = consume(inbox, async () => undefined)
  await expect
    .poll(async () => Number(await bench.redis.zscore(leases, jobId)))
    .toBeGreaterThan(Date.now() + 30_000)
  expect(ids).toEqual([])
})
