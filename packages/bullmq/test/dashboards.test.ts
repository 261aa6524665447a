import type { Verdict } from '@hookport/core'
import { deferred } from '@hookport/testkit/deferred'
import { emptyCounts } from '@hookport/testkit/inbox/event-records'
import { Queue } from 'bullmq'
import { Redis } from 'ioredis'
import { expect, test, vi } from 'vitest'
import { useBench } from './support/bench.ts'
import { consume } from './support/consuming.ts'
import { remember, sampleEvent, sampleFailure } from './support/sample-event.ts'

const bench = useBench()
const patience = { timeout: 30_000 }

test("BullMQ's Queue counts the jobs of every state, and reads them", async () => {
  const inbox = bench.open()
  const gate = deferred<undefined>()
  const consuming = consume(
    inbox,
    async ({ event, progress }) => {
      const failures = [sampleFailure]
      if (event.id === 'dead') return { outcome: 'dead', progress, failures }
      if (event.id === 'scheduled')
        return { outcome: 'retry', delayMs: 60_000, progress, failures, attemptUsed: true }
      return gate.promise
    },
    { types: ['optimization.completed'], concurrency: 1 },
  )
  const queue = inbox.queue('sematryx')
  for (const id of ['dead', 'scheduled', 'parked', 'active', 'waiting']) {
    await inbox.put(sampleEvent(id === 'parked' ? { id, type: 'other' } : { id }), remember)
  }
  await vi.waitFor(() => expect(consuming.ids).toContain('active'), patience)
  expect(await queue.getJobCounts()).toMatchObject({
    active: 1,
    delayed: 1,
    failed: 1,
    waiting: 1,
    'waiting-children': 1,
  })
  const [failed] = await queue.getFailed()
  expect(failed).toMatchObject({
    name: 'optimization.completed',
    failedReason: 'broken',
    data: { id: 'dead' },
  })
  expect(await (await queue.getJob('sematryx|active'))?.getState()).toBe('active')
  expect((await queue.getDelayed())[0]?.data).toMatchObject({ id: 'scheduled' })
  gate.resolve(undefined)
})

test('job.retry, job.promote and job.remove of BullMQ are heeded', async () => {
  const inbox = bench.open()
  let mended = false
  const failures = [sampleFailure]
  const consuming = consume(inbox, async ({ event, progress }) => {
    if (mended) return undefined
    if (event.id === 'dead') return { outcome: 'dead', progress, failures }
    return { outcome: 'retry', delayMs: 600_000, progress, failures, attemptUsed: true }
  })
  for (const id of ['dead', 'scheduled', 'removed']) await inbox.put(sampleEvent({ id }), remember)
  await vi.waitFor(
    async () => expect(await inbox.counts()).toMatchObject({ dead: 1, scheduled: 2 }),
    patience,
  )
  mended = true
  const queue = inbox.queue('sematryx')
  await (await queue.getJob('sematryx|dead'))?.retry()
  await (await queue.getJob('sematryx|scheduled'))?.promote()
  await (await queue.getJob('sematryx|removed'))?.remove()
  await vi.waitFor(async () => expect(await inbox.counts()).toMatchObject(emptyCounts), patience)
  expect(consuming.ids.toSorted()).toEqual(['dead', 'dead', 'removed', 'scheduled', 'scheduled'])
})

test.each([
  [
    'job.retry',
    async (queue: Queue) => void (await Promise.all((await queue.getFailed()).map((job) => job.retry()))),
  ],
  ['queue.retryJobs, as Retry all does', (queue: Queue) => queue.retryJobs({ state: 'failed' })],
])(
  '%s of BullMQ, which dashboards call, redrives: what was given up runs again, what has succeeded does not',
  async (_, retry) => {
    const inbox = bench.open()
    const progress = { completed: ['notify'], abandoned: [sampleFailure] }
    let mended = false
    const consuming = consume(inbox, async () =>
      mended ? undefined : { outcome: 'dead', progress, failures: [sampleFailure] },
    )
    await inbox.put(sampleEvent({ id: 'dead' }), remember)
    await vi.waitFor(async () => expect(await inbox.counts()).toMatchObject({ dead: 1 }), patience)
    mended = true
    await retry(inbox.queue('sematryx') as unknown as Queue)
    await vi.waitFor(() => expect(consuming.turns).toHaveLength(2), patience)
    expect(consuming.turns[1]).toMatchObject({
      attempt: 1,
      progress: { completed: ['notify'], abandoned: [] },
    })
    await vi.waitFor(async () => expect(await inbox.counts()).toMatchObject(emptyCounts), patience)
  },
)

test('parked events that a dashboard has removed take no room from those that come after them', async () => {
  const inbox = bench.open()
  const maxBytes = 3 * sampleEvent().rawBody.length
  const limits = { keepMs: Number.POSITIVE_INFINITY, maxBytes }
  const { reports } = consume(inbox, undefined, { types: [], parking: limits })
  const park = async (...ids: string[]) => {
    const before = reports.length
    for (const id of ids) await inbox.put(sampleEvent({ id }), remember)
    await vi.waitFor(() => expect(reports.length).toBeGreaterThanOrEqual(before + ids.length), patience)
  }
  await park('one', 'two', 'three')
  for (const id of ['one', 'three']) await (await inbox.queue('sematryx').getJob(`sematryx|${id}`))?.remove()
  await park('four', 'five')
  expect(await inbox.counts()).toEqual({ ...emptyCounts, parked: 3 })
  expect(reports.map(({ outcome }) => outcome)).toEqual(Array(5).fill('parked'))
  await park('six')
  const expired = reports.filter(({ outcome }) => outcome === 'expired')
  expect(expired.map(({ event }) => event.id)).toEqual(['two'])
})

test('a retry in a dashboard waits for the turn of its order key', async () => {
  const inbox = bench.open()
  const [holding, hold] = [deferred<undefined>(), { orderKey: 'sematryx:run' }]
  const running = new Set<string>()
  const overlaps: string[] = []
  let mended = false
  const consuming = consume(inbox, async ({ event: { id }, progress }) => {
    if (id === 'dead' && !mended) return { outcome: 'dead', progress, failures: [sampleFailure] }
    if (running.size > 0) overlaps.push(id)
    running.add(id)
    if (id === 'holder') await holding.promise
    running.delete(id)
    return undefined
  })
  await inbox.put(sampleEvent({ ...hold, id: 'dead', createdAt: 1 }), remember)
  await vi.waitFor(async () => expect(await inbox.counts()).toMatchObject({ dead: 1 }), patience)
  mended = true
  await inbox.put(sampleEvent({ ...hold, id: 'holder', createdAt: 5 }), remember)
  await vi.waitFor(() => expect(consuming.ids).toContain('holder'), patience)
  await inbox.put(sampleEvent({ ...hold, id: 'earlier', createdAt: 2 }), remember)
  await (await inbox.queue('sematryx').getJob('sematryx|dead'))?.retry()
  await vi.waitFor(async () => expect(await inbox.counts()).toMatchObject({ pending: 2 }), patience)
  await consuming.consumer.wake()
  await new Promise((resolve) => setTimeout(resolve, 100))
  expect(consuming.ids).toEqual(['dead', 'holder'])
  holding.resolve(undefined)
  await vi.waitFor(async () => expect(await inbox.counts()).toMatchObject(emptyCounts), patience)
  expect(consuming.ids).toEqual(['dead', 'holder', 'dead', 'earlier'])
  expect(overlaps).toEqual([])
})

test('what comes while a retry in a dashboard is handled waits until that has ended, as it is of the same order key', async () => {
  const inbox = bench.open()
  const [holding, orderKey] = [deferred<undefined>(), 'sematryx:run']
  let mended = false
  const consuming = consume(inbox, async ({ event: { id }, progress }) => {
    if (id !== 'dead') return undefined
    return mended ? holding.promise : { outcome: 'dead', progress, failures: [sampleFailure] }
  })
  await inbox.put(sampleEvent({ orderKey, id: 'dead', createdAt: 1 }), remember)
  await vi.waitFor(async () => expect(await inbox.counts()).toMatchObject({ dead: 1 }), patience)
  mended = true
  await (await inbox.queue('sematryx').getJob('sematryx|dead'))?.retry()
  await vi.waitFor(() => expect(consuming.ids).toEqual(['dead', 'dead']), patience)
  await inbox.put(sampleEvent({ orderKey, id: 'later', createdAt: 2 }), remember)
  await inbox.put(sampleEvent({ id: 'of no key' }), remember) // handed out after all that may be before it
  await vi.waitFor(() => expect(consuming.ids).toContain('of no key'), patience)
  expect(consuming.ids).toEqual(['dead', 'dead', 'of no key'])
  holding.resolve(undefined)
  await vi.waitFor(async () => expect(await inbox.counts()).toMatchObject(emptyCounts), patience)
  expect(consuming.ids).toEqual(['dead', 'dead', 'of no key', 'later'])
})

test('a retry in a dashboard is handled where nothing else of its order key waits', async () => {
  const inbox = bench.open()
  let mended = false
  const consuming = consume(inbox, async ({ progress }) =>
    mended ? undefined : { outcome: 'dead', progress, failures: [sampleFailure] },
  )
  await inbox.put(sampleEvent({ orderKey: 'sematryx:run', id: 'dead' }), remember)
  await vi.waitFor(async () => expect(await inbox.counts()).toMatchObject({ dead: 1 }), patience)
  mended = true
  await (await inbox.queue('sematryx').getJob('sematryx|dead'))?.retry()
  await vi.waitFor(async () => expect(await inbox.counts()).toMatchObject(emptyCounts), patience)
  expect(consuming.ids).toEqual(['dead', 'dead'])
  expect(await bench.redis.keys(`${bench.prefix}:*:front:*`)).toEqual([])
})

test('a retry in a dashboard is one redrive: the turns after it go on from there', async () => {
  const inbox = bench.open()
  const abandoned = { completed: [], abandoned: [sampleFailure] }
  const verdicts: Verdict[] = [
    { outcome: 'dead', progress: abandoned, failures: [sampleFailure] },
    { outcome: 'retry', delayMs: 1, progress: abandoned, failures: [sampleFailure], attemptUsed: true },
  ]
  const consuming = consume(inbox, async () => verdicts.shift())
  await inbox.put(sampleEvent({ id: 'dead' }), remember)
  await vi.waitFor(async () => expect(await inbox.counts()).toMatchObject({ dead: 1 }), patience)
  await (await inbox.queue('sematryx').getJob('sematryx|dead'))?.retry()
  await vi.waitFor(() => expect(consuming.turns).toHaveLength(3), patience)
  expect(consuming.turns.map(({ progress }) => progress.abandoned.length)).toEqual([0, 0, 1])
  expect(consuming.turns.map(({ attempt }) => attempt)).toEqual([1, 1, 2])
})

test('a retry in a dashboard is one redrive, also where the process dies in its turn: what was given up by then stays so', async () => {
  const inbox = bench.open({ leaseMs: 1_000_000 })
  const [kept, gate] = [deferred<undefined>(), deferred<undefined>()]
  const abandoned = { completed: [], abandoned: [sampleFailure] }
  let mended = false
  consume(inbox, async ({ checkpoint }) => {
    if (!mended) return { outcome: 'dead', progress: abandoned, failures: [sampleFailure] }
    await checkpoint(abandoned)
    kept.resolve(undefined)
    return gate.promise
  })
  await inbox.put(sampleEvent({ id: 'dead' }), remember)
  await vi.waitFor(async () => expect(await inbox.counts()).toMatchObject({ dead: 1 }), patience)
  mended = true
  await (await inbox.queue('sematryx').getJob('sematryx|dead'))?.retry()
  await kept.promise
  await bench.lapseLeases()
  const other = consume(bench.open())
  await vi.waitFor(() => expect(other.turns).toHaveLength(1), patience)
  gate.resolve(undefined)
  expect(other.turns).toMatchObject([{ wasInterrupted: true, progress: abandoned }])
})

test('a retry in a dashboard that is handled, and kept, leaves nothing of what it failed with', async () => {
  const inbox = bench.open()
  let mended = false
  consume(inbox, async ({ progress }) =>
    mended
      ? { outcome: 'done', keepMs: 60_000, progress }
      : { outcome: 'dead', progress, failures: [sampleFailure] },
  )
  await inbox.put(sampleEvent({ id: 'dead' }), remember)
  await vi.waitFor(async () => expect(await inbox.counts()).toMatchObject({ dead: 1 }), patience)
  mended = true
  const queue = inbox.queue('sematryx')
  await (await queue.getJob('sematryx|dead'))?.retry()
  await vi.waitFor(async () => expect(await inbox.counts()).toMatchObject({ handled: 1 }), patience)
  const handled = await queue.getJob('sematryx|dead')
  expect(handled).toMatchObject({ stacktrace: [] })
  expect(handled?.failedReason).toBeUndefined()
})

test("a failed job's error is the handler's, with its stack, where dashboards look for it", async () => {
  const inbox = bench.open()
  const stack = 'Error: the ERP is éteint 🪝\n    at charge (erp.ts:7:9)'
  const failures = [
    { ...sampleFailure, message: 'the ERP is off', stack },
    { handler: 'other', code: 'handler_failed', message: 'no stack', at: 1 },
  ]
  consume(inbox, async ({ progress }) => ({ outcome: 'dead', progress, failures }))
  await inbox.put(sampleEvent({ id: 'dead' }), remember)
  const halfOfAPair = { ...sampleFailure, message: 'half of a pair: \ud800' }
  await inbox.put(sampleEvent({ id: 'unreadable' }), { ...remember, failure: halfOfAPair })
  await vi.waitFor(async () => expect(await inbox.counts()).toMatchObject({ dead: 2 }), patience)
  const queue = inbox.queue('sematryx')
  const dead = await queue.getJob('sematryx|dead')
  expect(dead?.failedReason).toContain('the ERP is off')
  expect(dead?.stacktrace).toEqual([stack, 'no stack'])
  expect(await queue.getJob('sematryx|unreadable')).toMatchObject({
    failedReason: expect.stringContaining('half of a pair'),
    stacktrace: [],
  })
})

test('a queue that is paused hands out nothing, and goes on at once when it is resumed', async () => {
  const inbox = bench.open()
  const queue = inbox.queue('sematryx')
  await inbox.counts()
  await queue.pause()
  const consuming = consume(inbox)
  await inbox.put(sampleEvent(), remember)
  await consuming.consumer.idle()
  expect(consuming.turns).toEqual([])
  await queue.resume()
  await vi.waitFor(() => expect(consuming.turns).toHaveLength(1), { timeout: 1_000 })
})

test("BullMQ's limit on jobs at once in all processes is kept", async () => {
  const [one, other] = [bench.open(), bench.open()]
  await one.queue('sematryx').setGlobalConcurrency(2)
  let active = 0
  let most = 0
  const work = async () => {
    most = Math.max(most, ++active)
    await new Promise((resolve) => setTimeout(resolve, 20))
    active -= 1
    return undefined
  }
  const consuming = [consume(one, work), consume(other, work)]
  for (let count = 0; count < 8; count++) await one.put(sampleEvent(), remember)
  await vi.waitFor(() => expect(consuming.flatMap(({ turns }) => turns)).toHaveLength(8), patience)
  expect(most).toBe(2)
})

test('an event that comes to a waiting process is handled at once, though BullMQ has a limit on jobs at once', async () => {
  const inbox = bench.open()
  await inbox.queue('sematryx').setGlobalConcurrency(2)
  const consuming = consume(inbox)
  await consuming.consumer.idle()
  await inbox.put(sampleEvent(), remember)
  await vi.waitFor(() => expect(consuming.turns).toHaveLength(1), { timeout: 3_000 }) // it looks by itself after 5 s
})

test("BullMQ's removeOrphanedJobs is refused, as it would delete what waits for the turn of its order key", async () => {
  const inbox = bench.open()
  const ids = ['first', 'second']
  for (const id of ids) await inbox.put(sampleEvent({ id, orderKey: 'sematryx:run' }), remember)
  await expect(inbox.queue('sematryx').removeOrphanedJobs()).rejects.toThrow(/order key/)
  const consuming = consume(inbox)
  await vi.waitFor(() => expect(consuming.ids).toEqual(ids), patience)
})

test('events stream: QueueEvents hear of a job from its adding to its end', async () => {
  const inbox = bench.open()
  const event = sampleEvent()
  const consuming = consume(inbox)
  await inbox.put(event, remember)
  await vi.waitFor(() => expect(consuming.turns).toHaveLength(1), patience)
  await consuming.consumer.idle()
  const entries = await bench.redis.xrange(`${bench.prefix}:webhooks-sematryx:events`, '-', '+')
  const names = entries.map(([, fields]) => fields[fields.indexOf('event') + 1])
  expect(names).toEqual(['added', 'waiting', 'active', 'completed'])
})

test('a job that somebody else has added becomes a failed one, and holds up nobody, nor the list of events', async () => {
  const inbox = bench.open()
  const consuming = consume(inbox)
  await inbox.counts()
  const connection = new Redis(bench.server.url, { maxRetriesPerRequest: null })
  const queue = new Queue('webhooks-sematryx', { connection, prefix: bench.prefix })
  await queue.add('a stranger', { not: 'an event' })
  const event = sampleEvent()
  await inbox.put(event, remember)
  await vi.waitFor(() => expect(consuming.ids).toEqual([event.id]), patience)
  await vi.waitFor(async () => {
    expect((await queue.getFailed()).map(({ failedReason }) => failedReason)).toEqual([
      expect.stringContaining('no event of hookport'),
    ])
  }, patience)
  await inbox.put(sampleEvent({ id: 'broken' }), { ...remember, failure: sampleFailure })
  for (const newestFirst of [false, true])
    expect((await inbox.list({ newestFirst })).items.map(({ id }) => id)).toEqual(['broken'])
  expect(await inbox.counts({ tenant: 'shop' })).toEqual(emptyCounts)
  await queue.close()
  connection.disconnect()
})
