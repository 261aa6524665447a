import { type Inbox, noProgress, type Verdict } from '@hookport/core'
import { deferred } from '@hookport/testkit/deferred'
import { consumeRecorded, dead, done, retryIn } from '@hookport/testkit/inbox/attempts'
import { eventRecord, eventRecords } from '@hookport/testkit/inbox/event-records'
import { expect, onTestFinished, test } from 'vitest'
import { openFile } from '../src/open/open-file.ts'
import { type Machine, machine } from './support/machine.ts'
import { counts, handleAll, rowsOf, temporaryFile, testInbox, watchFile } from './support/test-inbox.ts'

const hour = 3_600_000
const day = 24 * hour
const rememberMs = 3 * day

/** Another boot: elapsed time begins anew, the wall clock has gone on. */
function rebooted(before: Machine, downMs: number): Machine {
  return machine(before.process().now() + downMs, 5_000)
}

test('what is put, scheduled and leased is due at its time though the wall clock is set back an hour', async () => {
  const { time, process, setWall } = machine()
  const inbox = testInbox({ clock: process(), leaseMs: 30_000 })
  await inbox.put(eventRecord({ id: 'before' }), { rememberMs })
  setWall(-hour)
  await inbox.put(eventRecord({ id: 'after' }), { rememberMs })
  const { ids, consumer } = consumeRecorded(inbox, async ({ attempt }) =>
    attempt === 1 ? retryIn(5_000) : done,
  )
  await consumer.idle()
  expect(ids()).toEqual(['before', 'after'])
  setWall(-hour)
  await time.advance(5_000)
  expect(ids()).toEqual(['before', 'after', 'before', 'after'])
})

test('no id is forgotten though the wall clock stands four days ahead for 24 seconds', async () => {
  const path = temporaryFile()
  const { time, process, setWall } = machine()
  const inbox = testInbox({ path, clock: process() })
  const events = eventRecords(50)
  await Promise.all(events.map((event) => inbox.put(event, { rememberMs })))
  await handleAll(inbox)
  setWall(4 * day)
  await time.advance(24_000) // long enough to tidy up
  const outcomesOf = async (by = inbox) =>
    new Set(
      (await Promise.all(events.map((event) => by.put(event, { rememberMs })))).map(({ outcome }) => outcome),
    )
  expect(await outcomesOf()).toEqual(new Set(['duplicate']))
  expect(await outcomesOf(testInbox({ path, clock: process() }))).toEqual(new Set(['duplicate']))
  setWall(-4 * day)
  await time.advance(24_000)
  expect(await outcomesOf()).toEqual(new Set(['duplicate']))
  expect(rowsOf(watchFile(path), 'ids')).toBe(50)
})

test('an id is remembered for its time, wherever the wall clock was set', async () => {
  const { time, process, setWall } = machine()
  const inbox = testInbox({ clock: process() })
  await inbox.put(eventRecord(), { rememberMs })
  await handleAll(inbox)
  setWall(-10 * day)
  await time.advance(rememberMs - 1)
  expect(await inbox.put(eventRecord(), { rememberMs })).toMatchObject({ outcome: 'duplicate' })
  await time.advance(1)
  expect(await inbox.put(eventRecord(), { rememberMs })).toEqual({ outcome: 'accepted' })
})

test('an event is known for its time, wherever the wall clock was set', async () => {
  const { time, process, setWall } = machine()
  const inbox = testInbox({ clock: process() })
  const alias = 'acme:run_1.completed'
  await inbox.put(eventRecord({ aliases: [alias] }), { rememberMs })
  await handleAll(inbox)
  const knowsIt = () => Promise.all(['acme:evt_1', alias].map((name) => inbox.knows?.([name])))
  setWall(4 * day)
  expect(await knowsIt()).toEqual([true, true])
  setWall(-10 * day)
  await time.advance(rememberMs - 1)
  expect(await knowsIt()).toEqual([true, true])
  await time.advance(1)
  expect(await knowsIt()).toEqual([false, false])
})

test('nothing is deleted for its age while wall and elapsed time disagree; after an hour the wall clock is believed', async () => {
  const path = temporaryFile()
  const { time, process, setWall } = machine()
  const inbox = testInbox({ path, clock: process(), keepDeadFor: 60_000 })
  const file = watchFile(path)
  await inbox.put(eventRecord({ id: 'handled' }), { rememberMs: 60_000 })
  await inbox.put(eventRecord({ id: 'dead' }), { rememberMs: 60_000 })
  await handleAll(inbox, async ({ event }) => (event.id === 'dead' ? dead : done))
  const touch = (id: string) => inbox.put(eventRecord({ id, source: 'other' }), { rememberMs })
  setWall(-2 * hour)
  await time.advance(10_000) // between two looks
  await touch('when it is set')
  await time.advance(59 * 60_000)
  await touch('before the hour')
  await time.advance(60_000 - 1)
  expect([rowsOf(file, 'ids'), rowsOf(file, 'events')]).toEqual([4, 3])
  await time.advance(1)
  await touch('after it')
  await expect.poll(() => [rowsOf(file, 'ids'), rowsOf(file, 'events')]).toEqual([3, 3])
})

test('what died or was parked while the wall clock was wrong is deleted after its time, and not before', async () => {
  const { time, process, setWall } = machine()
  const inbox = testInbox({ clock: process(), keepDeadFor: day })
  const verdicts: Record<string, Verdict> = { dead, parked: { outcome: 'park', progress: noProgress } }
  const handle = async () => {
    const { consumer } = consumeRecorded(inbox, async ({ event }) => verdicts[event.id] ?? done, {
      wanted: () => ({ types: [], others: 'hand-out' }),
      parking: { keepMs: day, maxBytes: 1_000_000 },
    })
    await consumer.idle()
    await consumer.stop()
  }
  setWall(2 * day)
  await time.advance(10_000) // between two looks
  for (const id of ['dead', 'parked']) await inbox.put(eventRecord({ id }), { rememberMs })
  await handle()
  await time.advance(day - 1)
  await handle()
  expect(await inbox.counts()).toEqual(counts({ dead: 1, parked: 1 }))
  await time.advance(10_000)
  await handle()
  await expect.poll(() => inbox.counts()).toEqual(counts({}))
})

test('after another boot ids go by the time that the machine was down', async () => {
  const path = temporaryFile()
  const before = machine()
  const first = testInbox({ path, clock: before.process() })
  await first.put(eventRecord(), { rememberMs })
  await handleAll(first)
  await before.time.advance(day)
  await first.close()

  const after = rebooted(before, day)
  const second = testInbox({ path, clock: after.process() })
  await after.time.advance(day - 1)
  expect(await second.put(eventRecord(), { rememberMs })).toMatchObject({ outcome: 'duplicate' })
  await after.time.advance(1)
  expect(await second.put(eventRecord(), { rememberMs })).toEqual({ outcome: 'accepted' })
})

test('after another boot with a wall clock that is wrong no id is forgotten early', async () => {
  const path = temporaryFile()
  const before = machine()
  const first = testInbox({ path, clock: before.process() })
  await first.put(eventRecord(), { rememberMs })
  await handleAll(first)
  await first.close()
  const after = machine(0, 5_000) // no battery: it is 1970
  const second = testInbox({ path, clock: after.process() })
  expect(await second.put(eventRecord(), { rememberMs })).toMatchObject({ outcome: 'duplicate' })
  after.setWall(before.process().now())
  await after.time.advance(2 * hour)
  expect(await second.put(eventRecord(), { rememberMs })).toMatchObject({ outcome: 'duplicate' })
})

test('on another machine, which was up for longer, no id is forgotten early and nothing parked is dropped', async () => {
  const path = temporaryFile()
  const before = machine()
  const first = testInbox({ path, clock: before.process() })
  const handleOne = async (inbox: Inbox) => {
    const { consumer } = consumeRecorded(inbox, undefined, {
      wanted: () => ({ types: ['handled'], others: 'park' }),
      parking: { keepMs: 30 * day, maxBytes: 1_000_000 },
    })
    await consumer.idle()
    await consumer.stop()
  }
  for (const id of ['handled', 'parked']) await first.put(eventRecord({ id, type: id }), { rememberMs })
  await handleOne(first)
  expect(await first.counts()).toEqual(counts({ parked: 1 }))
  await first.close()

  const after = machine(before.process().now() + day, 400 * day) // as a volume comes to a new machine
  const second = testInbox({ path, clock: after.process() })
  await handleOne(second)
  await after.time.advance(2 * day - 1)
  expect(await second.put(eventRecord({ id: 'handled' }), { rememberMs })).toMatchObject({
    outcome: 'duplicate',
  })
  expect(await second.counts()).toEqual(counts({ parked: 1 }))
  await after.time.advance(1)
  expect(await second.put(eventRecord({ id: 'handled' }), { rememberMs })).toEqual({ outcome: 'accepted' })
})

test('a process that starts after the wall clock was set back forgets no id early, nor does one that runs', async () => {
  const path = temporaryFile()
  const { time, process, setWall } = machine()
  const first = testInbox({ path, clock: process() })
  await first.put(eventRecord(), { rememberMs })
  await handleAll(first)
  await time.advance(hour / 2)
  setWall(-2 * day)
  const second = testInbox({ path, clock: process() })
  await time.advance(rememberMs - hour / 2 - 1)
  for (const inbox of [first, second])
    expect(await inbox.put(eventRecord(), { rememberMs })).toMatchObject({ outcome: 'duplicate' })
  await time.advance(hour / 2 + 1)
  expect(await second.put(eventRecord(), { rememberMs })).toEqual({ outcome: 'accepted' })
})

test('a lease, a delay and a claim of another boot are over', async () => {
  const path = temporaryFile()
  const before = machine()
  const first = testInbox({ path, clock: before.process(), leaseMs: 30_000 })
  for (const id of ['delayed', 'leased']) await first.put(eventRecord({ id }), { rememberMs })
  await first.claim(eventRecord({ id: 'claimed' }), { rememberMs, leaseMs: 30_000 })
  const gate = deferred()
  const { attempts } = consumeRecorded(first, async ({ event }) => {
    if (event.id === 'delayed') return retryIn(hour)
    await gate.promise
    return done
  })
  await expect.poll(() => first.counts()).toEqual(counts({ scheduled: 1, active: 1 }))

  const after = rebooted(before, 1_000)
  const second = testInbox({ path, clock: after.process() })
  expect(await second.counts()).toEqual(counts({ pending: 2 }))
  const heir = consumeRecorded(second)
  await heir.consumer.idle()
  expect(heir.ids().sort()).toEqual(['delayed', 'leased'])
  expect(heir.attempts.find(({ event }) => event.id === 'leased')).toMatchObject({ interruptions: 1 })
  const claim = await second.claim(eventRecord({ id: 'claimed' }), { rememberMs, leaseMs: 30_000 })
  expect(claim).toMatchObject({ outcome: 'claimed' })
  expect(attempts).toHaveLength(2)
  gate.resolve()
})

test('a lead of another boot is over, however long the machine was up before', async () => {
  const path = temporaryFile()
  const before = machine(undefined, 100 * day)
  const first = testInbox({ path, clock: before.process() })
  expect(await first.notes?.lead('work', 'one', 15_000)).toBe(true)

  const second = testInbox({ path, clock: rebooted(before, 1_000).process() })
  expect(await second.notes?.lead('work', 'other', 15_000)).toBe(true)
  expect(await second.notes?.lead('work', 'one', 15_000)).toBe(false)
})

test('listings show when an event is due by the wall clock, as it stands now', async () => {
  const { process, setWall } = machine(1_700_000_000_000)
  const inbox = testInbox({ clock: process() })
  await inbox.put(eventRecord(), { rememberMs })
  await consumeRecorded(inbox, async () => retryIn(10_000)).consumer.idle()
  expect(await inbox.get('acme:evt_1')).toMatchObject({ dueAt: 1_700_000_010_000 })
  setWall(hour)
  expect((await inbox.list()).items).toMatchObject([{ dueAt: 1_700_000_010_000 + hour }])
})

test('an attempt is told the time that elapses, which no one can set', async () => {
  const { time, process, setWall } = machine()
  const inbox = testInbox({ clock: process() })
  const { attempts, consumer } = consumeRecorded(inbox)
  setWall(-hour)
  await inbox.put(eventRecord(), { rememberMs })
  await consumer.idle()
  expect(attempts[0]?.now).toBe(time.now())
})

test('without a clock of its own, every process of a machine reads the same time', async () => {
  const inbox = testInbox()
  await inbox.put(eventRecord(), { rememberMs })
  const before = Number(process.hrtime.bigint()) / 1e6
  const { attempts, consumer } = consumeRecorded(inbox)
  await consumer.idle()
  const after = Number(process.hrtime.bigint()) / 1e6
  expect(attempts[0]?.now).toBeGreaterThanOrEqual(before)
  expect(attempts[0]?.now).toBeLessThanOrEqual(after)
})

test('a process that starts at the same moment reads the same time, wherever the wall clock was set meanwhile', () => {
  const path = temporaryFile()
  const { process, setWall } = machine()
  const open = () => {
    const file = openFile({ path, synchronous: 'normal', clock: process() })
    onTestFinished(() => file.close())
    return file.time.now().steady
  }
  const steady = open()
  setWall(day)
  expect(open()).toBe(steady)
})

/** The time of a file, as it asks whether its clocks agree. */
function timeOfFile(path: string, { process }: Machine) {
  const file = openFile({ path, synchronous: 'normal', clock: process() })
  onTestFinished(() => file.close())
  return {
    steady: () => file.time.now().steady,
    isTrusted() {
      file.begin()
      const trusted = file.time.isTrusted()
      file.commit()
      return trusted
    },
  }
}

test('a wall clock that is set is believed an hour after it was set last', async () => {
  const box = machine()
  const { isTrusted } = timeOfFile(temporaryFile(), box)
  const minutes = (count: number) => box.time.advance(count * 60_000)
  await minutes(50)
  expect(isTrusted()).toBe(true)
  box.setWall(2 * hour)
  expect(isTrusted()).toBe(false)
  await minutes(30)
  expect(isTrusted()).toBe(false)
  box.setWall(2 * hour)
  expect(isTrusted()).toBe(false)
  await minutes(59)
  box.setWall(60_000) // no more than it may differ by
  expect(isTrusted()).toBe(false)
  await minutes(1)
  expect(isTrusted()).toBe(true)
  expect(isTrusted()).toBe(true)
})

test('a wall clock that was set right meanwhile is believed no sooner the next time', async () => {
  const box = machine()
  const { isTrusted } = timeOfFile(temporaryFile(), box)
  const setAndWait = async (byMs: number, minutes: number) => {
    box.setWall(byMs)
    const trusted = isTrusted()
    await box.time.advance(minutes * 60_000)
    return trusted
  }
  expect(await setAndWait(2 * hour, 30)).toBe(false)
  expect(await setAndWait(-2 * hour, 1)).toBe(true)
  expect(await setAndWait(2 * hour, 59)).toBe(false)
  expect(isTrusted()).toBe(false)
  await box.time.advance(60_000)
  expect(isTrusted()).toBe(true)
})

test('a wall clock that was believed tells how long the machine was down', async () => {
  const path = temporaryFile()
  const before = machine()
  const { isTrusted, steady } = timeOfFile(path, before)
  before.setWall(-2 * hour)
  expect(isTrusted()).toBe(false)
  await before.time.advance(hour)
  expect(isTrusted()).toBe(true)
  const last = steady()
  expect(timeOfFile(path, rebooted(before, day)).steady()).toBe(last + day)
})
