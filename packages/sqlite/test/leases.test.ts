import { type ConsumeOptions, type Inbox, noProgress, type Verdict } from '@hookport/core'
import { consumeRecorded, dead, done, retryIn } from '@hookport/testkit/inbox/attempts'
import { eventRecord, eventRecords } from '@hookport/testkit/inbox/event-records'
import { recordedLogger } from '@hookport/testkit/logs'
import { expect, test } from 'vitest'
import { machine, type ProcessClock } from './support/machine.ts'
import { counts, rememberMs, temporaryFile, testInbox } from './support/test-inbox.ts'

const leaseMs = 30_000
const longBody = Buffer.alloc(5_000, 'x')

interface Side {
  readonly inbox: Inbox
  readonly clock: ProcessClock
}

/** Two processes of one machine on one file. */
function twoInboxes(options: { leaseMs?: number } = { leaseMs }) {
  const path = temporaryFile()
  const { time, process } = machine()
  const side = (): Side => {
    const clock = process()
    return { clock, inbox: testInbox({ path, clock, ...options }) }
  }
  return { one: side(), other: side(), time }
}

function pausedWork(verdict: Verdict = done) {
  let finish = () => {}
  const finished = new Promise<void>((resolve) => {
    finish = resolve
  })
  return { work: () => finished.then(() => verdict), finish: () => finish() }
}

/** One inbox's process hangs at work on an event, which the other has taken since. */
async function takenOver(
  { one, other, time }: ReturnType<typeof twoInboxes>,
  verdict?: Verdict,
  options?: Partial<ConsumeOptions>,
) {
  await one.inbox.put(eventRecord({ rawBody: longBody }), { rememberMs })
  const [work, heirsWork] = [pausedWork(verdict), pausedWork()]
  const hanging = consumeRecorded(one.inbox, work.work, options)
  await expect.poll(() => hanging.attempts.length).toBe(1)
  one.clock.freeze()
  const heir = consumeRecorded(other.inbox, heirsWork.work)
  await time.advance(leaseMs)
  expect(heir.attempts).toHaveLength(1)
  return { hanging: { ...hanging, finish: work.finish }, heir: { ...heir, finish: heirsWork.finish } }
}

test('of concurrent puts of one key through two inboxes exactly one is accepted', async () => {
  const { one, other } = twoInboxes()
  const puts = Array.from({ length: 100 }, (_, index) =>
    (index % 2 === 0 ? one : other).inbox.put(eventRecord(), { rememberMs }),
  )
  const outcomes = (await Promise.all(puts)).map(({ outcome }) => outcome)
  expect(outcomes.filter((outcome) => outcome === 'accepted')).toHaveLength(1)
})

test('consumers of two inboxes share the work and never get the same event', async () => {
  const { one, other } = twoInboxes()
  const workers = [one, other].map(({ inbox }) => consumeRecorded(inbox, undefined, { concurrency: 3 }))
  await Promise.all(
    eventRecords(300).map((event, index) => (index % 2 ? one : other).inbox.put(event, { rememberMs })),
  )
  await Promise.all(workers.map(({ consumer }) => consumer.idle()))
  const ids = workers.flatMap((worker) => worker.ids())
  expect(ids).toHaveLength(300)
  expect(new Set(ids).size).toBe(300)
  for (const worker of workers) expect(worker.ids().length).toBeGreaterThan(0)
})

test('what another process puts is found at the next poll', async () => {
  const { one, other, time } = twoInboxes()
  const { attempts, consumer } = consumeRecorded(one.inbox)
  await consumer.idle()
  await other.inbox.put(eventRecord(), { rememberMs })
  await time.advance(999)
  expect(attempts).toHaveLength(0)
  await time.advance(1)
  expect(attempts).toHaveLength(1)
})

test('idle looks for what other processes have put', async () => {
  const { one, other } = twoInboxes()
  const { attempts, consumer } = consumeRecorded(one.inbox)
  await consumer.idle()
  await other.inbox.put(eventRecord(), { rememberMs })
  await consumer.idle()
  expect(attempts).toHaveLength(1)
})

test('a lease is renewed for as long as handlers run', async () => {
  const { one, other, time } = twoInboxes()
  await one.inbox.put(eventRecord(), { rememberMs })
  const { work, finish } = pausedWork()
  const { attempts, consumer } = consumeRecorded(one.inbox, work)
  const idler = consumeRecorded(other.inbox)
  for (let step = 0; step < 20; step++) {
    await time.advance(leaseMs / 4)
  }
  expect(idler.attempts).toHaveLength(0)
  expect(attempts[0]?.signal?.aborted).toBe(false)
  finish()
  await consumer.idle()
  expect(await one.inbox.counts()).toEqual(counts({}))
})

/** One process hangs in the midst of an event, and another looks for work. */
async function hangingAndHeir(options?: { leaseMs?: number }) {
  const { one, other, time } = twoInboxes(options)
  await one.inbox.put(eventRecord(), { rememberMs })
  const { work, finish } = pausedWork()
  const hanging = consumeRecorded(one.inbox, work)
  await expect.poll(() => hanging.attempts.length).toBe(1)
  one.clock.freeze()
  return { other, time, finish, heir: consumeRecorded(other.inbox) }
}

test('the event of a process that hangs is taken over when its lease ends, as an interruption, not an attempt', async () => {
  const { other, time, finish, heir } = await hangingAndHeir()
  await time.advance(leaseMs - 1)
  expect(heir.attempts).toHaveLength(0)
  expect(await other.inbox.counts()).toMatchObject({ active: 1 })
  await time.advance(1)
  expect(heir.attempts).toMatchObject([{ attempt: 1, interruptions: 1 }])
  finish()
})

test.each([
  ['30 s, where nothing else is said', {}, 30_000],
  ['as long as leaseMs says', { leaseMs: 5_000 }, 5_000],
])('the event of a process that hangs waits for another %s', async (_, options, waits) => {
  const { time, finish, heir } = await hangingAndHeir(options)
  await time.advance(waits - 1)
  expect(heir.attempts).toHaveLength(0)
  await time.advance(1)
  expect(heir.attempts).toHaveLength(1)
  finish()
})

test.each<[string, Verdict]>([
  ['done', done],
  ['retry', retryIn(0)],
  ['dead', dead],
  ['handled', { outcome: 'done', progress: noProgress, keepMs: 60_000 }],
  ['park', { outcome: 'park', progress: noProgress }],
  ['replace', { outcome: 'replace', event: eventRecord({ id: 'read' }), rememberMs }],
])('the verdict %s under a lost lease is ignored, and said to be void', async (_, verdict) => {
  const sides = twoInboxes()
  const { one, other } = sides
  const { logger, at } = recordedLogger()
  const { hanging, heir } = await takenOver(sides, verdict, { logger })
  hanging.finish()
  await hanging.consumer.idle()
  expect(await one.inbox.get('acme:evt_1')).toMatchObject({ attempt: 1, failures: [], rawBody: longBody })
  expect(at('warn')).toMatchObject([{ message: expect.stringContaining('the result of this turn is void') }])
  expect(await other.inbox.counts()).toEqual(counts({ active: 1 }))
  heir.finish()
  await heir.consumer.idle()
  expect(await other.inbox.get('acme:evt_1')).toBeUndefined()
})

test('a lease that was lost is noticed at the next renewal, which aborts the signal', async () => {
  const sides = twoInboxes()
  const { one, other, time } = sides
  const { hanging, heir } = await takenOver(sides)
  expect(hanging.attempts[0]?.signal?.aborted).toBe(false)
  one.clock.goOn()
  await time.advance(0)
  expect(hanging.attempts[0]?.signal?.aborted).toBe(true)
  hanging.finish()
  await hanging.consumer.idle()
  expect(await other.inbox.counts()).toMatchObject({ active: 1 })
  heir.finish()
})

test('a checkpoint under a lost lease keeps nothing, and aborts the signal', async () => {
  const sides = twoInboxes()
  const { hanging, heir } = await takenOver(sides)
  await hanging.attempts[0]?.checkpoint({ completed: ['stale'], abandoned: [] })
  expect(hanging.attempts[0]?.signal?.aborted).toBe(true)
  expect(await sides.other.inbox.get('acme:evt_1')).toMatchObject({ progress: { completed: [] } })
  hanging.finish()
  heir.finish()
})

test('the heir continues from the last checkpoint', async () => {
  const { one, other, time } = twoInboxes()
  await one.inbox.put(eventRecord(), { rememberMs })
  const paused = pausedWork()
  const hanging = consumeRecorded(one.inbox, async ({ checkpoint }) => {
    await checkpoint({ completed: ['first'], abandoned: [] })
    return paused.work()
  })
  await expect.poll(async () => (await other.inbox.get('acme:evt_1'))?.progress.completed).toEqual(['first'])
  one.clock.freeze()
  const heir = consumeRecorded(other.inbox)
  await time.advance(leaseMs)
  expect(heir.attempts).toMatchObject([{ progress: { completed: ['first'] } }])
  paused.finish()
  await hanging.consumer.idle()
})

test('a redrive forgets interruptions, so that an event buried for them is not buried again at once', async () => {
  const { one, other, time } = twoInboxes()
  await one.inbox.put(eventRecord(), { rememberMs })
  const paused = pausedWork()
  const hanging = consumeRecorded(one.inbox, paused.work)
  await expect.poll(() => hanging.attempts.length).toBe(1)
  one.clock.freeze()
  const verdicts = [dead]
  const heir = consumeRecorded(other.inbox, async () => verdicts.shift() ?? done)
  await time.advance(leaseMs)
  expect(heir.attempts).toMatchObject([{ interruptions: 1 }])
  expect(await other.inbox.redrive('acme:evt_1')).toBe(true)
  await heir.consumer.idle()
  expect(heir.attempts[1]).toMatchObject({ attempt: 1, interruptions: 0 })
  paused.finish()
})

test('no timer is left when an inbox is closed', async () => {
  const { one, time } = twoInboxes()
  await one.inbox.put(eventRecord(), { rememberMs })
  const { consumer } = consumeRecorded(one.inbox, async () => retryIn(5_000))
  await consumer.idle()
  expect(time.pendingTimers).toBe(1)
  await one.inbox.close()
  expect(time.pendingTimers).toBe(0)
})
