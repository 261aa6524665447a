import { deferred } from '@hookport/testkit/deferred'
import { emptyCounts } from '@hookport/testkit/inbox/event-records'
import { expect, test, vi } from 'vitest'
import { useBench } from './support/bench.ts'
import { consume } from './support/consuming.ts'
import { remember, sampleEvent, sampleFailure } from './support/sample-event.ts'

const bench = useBench()
const patience = { timeout: 30_000 }
const orderKey = 'sematryx:run'

/** Three events of one key that wait, with nobody at work. */
async function waiting() {
  const inbox = bench.open()
  for (const [at, id] of ['front', 'second', 'third'].entries())
    await inbox.put(sampleEvent({ orderKey, id, createdAt: at }), remember)
  return { inbox, queue: inbox.queue('sematryx') }
}

test('what waits behind a job that a dashboard has removed is handled without another event of its key', async () => {
  const { inbox, queue } = await waiting()
  await (await queue.getJob('sematryx|front'))?.remove()
  const consuming = consume(inbox, async () => undefined)
  await vi.waitFor(async () => expect(await inbox.counts()).toMatchObject(emptyCounts), patience)
  expect(consuming.ids).toEqual(['second', 'third'])
})

test('so it is where the one behind was removed as well', async () => {
  const { inbox, queue } = await waiting()
  for (const id of ['front', 'second']) await (await queue.getJob(`sematryx|${id}`))?.remove()
  const consuming = consume(inbox, async () => undefined)
  await vi.waitFor(async () => expect(await inbox.counts()).toMatchObject(emptyCounts), patience)
  expect(consuming.ids).toEqual(['third'])
})

test.each(['clean', 'drain', 'obliterate'] as const)("so it is after BullMQ's own %s", async (how) => {
  const { inbox, queue } = await waiting()
  if (how === 'clean') await queue.clean(0, 10, 'wait')
  else if (how === 'drain') await queue.drain()
  else {
    await queue.obliterate({ force: true })
    await queue.resume() // it has paused the queue
  }
  const consuming = consume(inbox, async () => undefined)
  await vi.waitFor(async () => expect(await inbox.counts()).toMatchObject(emptyCounts), patience)
  expect(consuming.ids).toEqual(['second', 'third'])
})

test('what waits behind an event that is discarded is due at once, and not only when order keys are checked', async () => {
  const { inbox, queue } = await waiting()
  expect(await queue.getWaitingCount()).toBe(1)
  expect(await inbox.discard('sematryx:front')).toBe(true)
  expect((await queue.getWaiting()).map(({ id }) => id)).toEqual(['sematryx|second'])
})

test('of a key whose job was removed while a handler was at work on it, the next waits until that has ended', {
  timeout: 60_000,
}, async () => {
  const gate = deferred<undefined>()
  const inbox = bench.open({ leaseMs: 600 })
  const consuming = consume(inbox, ({ event: { id } }) =>
    id === 'front' ? gate.promise : Promise.resolve(undefined),
  )
  await inbox.put(sampleEvent({ orderKey, id: 'front', createdAt: 1 }), remember)
  await vi.waitFor(() => expect(consuming.ids).toEqual(['front']), patience)
  await inbox.put(sampleEvent({ orderKey, id: 'second', createdAt: 2 }), remember)
  await (await inbox.queue('sematryx').getJob('sematryx|front'))?.remove()
  await inbox.put(sampleEvent({ orderKey, id: 'third', createdAt: 3 }), remember)
  await vi.waitFor(() => expect(consuming.turns[0]?.signal?.aborted).toBe(true), patience)
  await new Promise((resolve) => setTimeout(resolve, 5_500)) // longer than its lease, and than from one look to the next
  expect(consuming.ids).toEqual(['front'])
  gate.resolve(undefined)
  await vi.waitFor(() => expect(consuming.ids).toEqual(['front', 'second', 'third']), patience)
})

test('so does one that a dashboard retries meanwhile', { timeout: 60_000 }, async () => {
  const gate = deferred<undefined>()
  const inbox = bench.open({ leaseMs: 600 })
  let mended = false
  const consuming = consume(inbox, async ({ event: { id }, progress }) => {
    if (id === 'front') return gate.promise
    return id === 'dead' && !mended ? { outcome: 'dead', progress, failures: [sampleFailure] } : undefined
  })
  await inbox.put(sampleEvent({ orderKey, id: 'dead', createdAt: 1 }), remember)
  await vi.waitFor(async () => expect(await inbox.counts()).toMatchObject({ dead: 1 }), patience)
  mended = true
  await inbox.put(sampleEvent({ orderKey, id: 'front', createdAt: 2 }), remember)
  await vi.waitFor(() => expect(consuming.ids).toEqual(['dead', 'front']), patience)
  const queue = inbox.queue('sematryx')
  await (await queue.getJob('sematryx|front'))?.remove()
  await (await queue.getJob('sematryx|dead'))?.retry()
  await inbox.put(sampleEvent({ id: 'of no key' }), remember) // handed out after all that may be before it
  await vi.waitFor(() => expect(consuming.ids).toContain('of no key'), patience)
  expect(consuming.ids).toEqual(['dead', 'front', 'of no key'])
  gate.resolve(undefined)
  await vi.waitFor(() => expect(consuming.ids).toEqual(['dead', 'front', 'of no key', 'dead']), patience)
})

test('an event that a dashboard has removed in front, and that comes again once its id is forgotten, is handled, and so are those after it', async () => {
  const inbox = bench.open()
  const front = sampleEvent({ orderKey, id: 'front', createdAt: 1 })
  await inbox.put(front, { rememberMs: 50 })
  await (await inbox.queue('sematryx').getJob('sematryx|front'))?.remove()
  await vi.waitFor(async () => {
    expect(await inbox.put(front, remember)).toEqual({ outcome: 'accepted' })
  }, patience)
  await inbox.put(sampleEvent({ orderKey, id: 'second', createdAt: 2 }), remember)
  const consuming = consume(inbox)
  await vi.waitFor(() => expect(consuming.ids).toEqual(['front', 'second']), { timeout: 15_000 })
})
