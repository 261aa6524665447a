import type { ConsumeOptions, Verdict } from '@hookport/core'
import type { TakenEvent, Taking } from '@hookport/core/inbox-kit'
import { consumeRecorded, consumingAll, dead, done, retryIn } from '@hookport/testkit/inbox/attempts'
import { eventRecord, eventRecords } from '@hookport/testkit/inbox/event-records'
import { expect, test } from 'vitest'
import { OneTaking } from '../src/consume/taking.ts'
import { openFile } from '../src/open/open-file.ts'
import { machine } from './support/machine.ts'
import { counts, rememberMs, temporaryFile, testInbox } from './support/test-inbox.ts'

const leaseMs = 10_000

/** Processes on one file that come and go. */
function deploys() {
  const path = temporaryFile()
  const { time, process } = machine()
  const options = () => ({ path, clock: process(), synchronous: 'full' as const })

  /** What a process takes before it is killed. Only with nothing else under work where that is asked for. */
  function takeAndDie(alone: boolean): Taking {
    const file = openFile(options())
    file.begin()
    const { source, parking, wanted, running } = consumingAll
    const request = { source, parking, wanted: wanted(), running: running(), leaseMs, limit: 16, alone }
    const taking = new OneTaking(file, { ...request, limit: alone ? 1 : 16 }, file.time.now()).take(false)
    file.commit()
    file.close()
    return taking
  }

  return {
    time,
    inbox: testInbox({ path, clock: process() }),
    /** A process that is killed with what it has taken, again and again. Answers what each was handed. */
    async crash(times: number) {
      const crashes: (readonly TakenEvent[])[] = []
      for (let crash = 0; crash < times; crash++) {
        const taking = takeAndDie(false)
        crashes.push(taking.aloneIsDue ? takeAndDie(true).events : taking.events)
        await time.advance(leaseMs)
      }
      return crashes
    },
    start: (work?: () => Promise<Verdict>, more: Partial<ConsumeOptions> = {}) =>
      consumeRecorded(testInbox({ path, clock: process(), leaseMs, pollMs: 100 }), work, more),
  }
}

test('an event that was interrupted twice is handed out alone, and nothing with it', async () => {
  const { inbox, crash, start } = deploys()
  await Promise.all(eventRecords(5).map((event) => inbox.put(event, { rememberMs })))
  const [first, second] = await crash(2)
  expect(first).toHaveLength(5)
  expect(second).toHaveLength(5)
  let atOnce = 0
  let mostAtOnce = 0
  const { attempts, consumer } = start(async () => {
    mostAtOnce = Math.max(mostAtOnce, ++atOnce)
    await new Promise((resolve) => setImmediate(resolve))
    atOnce -= 1
    return done
  })
  await consumer.idle()
  expect(attempts).toHaveLength(5)
  expect(
    attempts.every(({ interruptions, interruptedAlone }) => interruptions === 2 && interruptedAlone === 0),
  ).toBe(true)
  expect(mostAtOnce).toBe(1)
  expect(await inbox.counts()).toEqual(counts({}))
})

test('an interruption counts as one alone only where nothing else was under work', async () => {
  const { inbox, crash, start } = deploys()
  await Promise.all(eventRecords(3).map((event) => inbox.put(event, { rememberMs })))
  await crash(2)
  const [alone] = await crash(1)
  expect(alone).toHaveLength(1)
  const { attempts, consumer } = start()
  await consumer.idle()
  const suspect = alone?.[0]?.event.id
  expect(
    attempts
      .map(({ event, interruptions, interruptedAlone }) => [
        event.id === suspect,
        interruptions,
        interruptedAlone,
      ])
      .sort(),
  ).toEqual([
    [false, 2, 0],
    [false, 2, 0],
    [true, 3, 1],
  ])
})

test('what is put meanwhile waits for the event that is run alone, and for no longer', async () => {
  const { time, inbox, crash, start } = deploys()
  await inbox.put(eventRecord({ id: 'suspect' }), { rememberMs })
  await crash(2)
  let finish = () => {}
  const { ids } = start(() => new Promise((resolve) => (finish = () => resolve(done))))
  await expect.poll(ids).toEqual(['suspect'])
  await inbox.put(eventRecord({ id: 'neighbour' }), { rememberMs })
  await time.advance(1_000)
  expect(ids()).toEqual(['suspect'])
  finish()
  await expect.poll(ids).toEqual(['suspect', 'neighbour'])
  finish()
})

test.each<[string, Verdict, number]>([
  ['a verdict after handlers were run forgets them', retryIn(0), 0],
  ['one that kept its handlers from running does not', retryIn(0, { keepInterruptions: true }), 2],
])('interruptions: %s', async (_, verdict, interruptions) => {
  const { time, inbox, crash, start } = deploys()
  await inbox.put(eventRecord(), { rememberMs })
  await crash(2)
  const verdicts = [verdict]
  const { attempts, consumer } = start(async () => verdicts.shift() ?? done)
  await consumer.idle()
  await time.advance(100)
  await consumer.idle()
  expect(attempts.map((attempt) => attempt.interruptions)).toEqual([2, interruptions])
  expect(attempts.map(({ wasInterrupted }) => wasInterrupted)).toEqual([true, false])
})

test('an event that is parked after interruptions, by a process that has no handler for it, is still known to be suspect', async () => {
  const { inbox, crash, start } = deploys()
  const parkAll = async () => {
    const old = start(undefined, { wanted: () => ({ types: [], others: 'park' }) })
    await old.consumer.idle()
    await old.consumer.stop()
    expect(await inbox.counts()).toEqual(counts({ parked: 1 }))
  }
  await inbox.put(eventRecord(), { rememberMs })
  for (let deploy = 0; deploy < 3; deploy++) {
    const [taken] = await crash(1)
    expect(taken).toMatchObject([{ interruptions: deploy, interruptedAlone: 0, wasInterrupted: deploy > 0 }])
    await parkAll()
  }
  const { attempts, consumer } = start()
  await consumer.idle()
  expect(attempts).toMatchObject([{ interruptions: 3, interruptedAlone: 1, wasInterrupted: true }])
  expect(await inbox.counts()).toEqual(counts({}))
})

test('a redrive forgets interruptions, those alone included', async () => {
  const { inbox, crash, start } = deploys()
  await inbox.put(eventRecord(), { rememberMs })
  await crash(4)
  const verdicts = [dead]
  const { attempts, consumer } = start(async () => verdicts.shift() ?? done)
  await consumer.idle()
  expect(attempts).toMatchObject([{ interruptions: 4, interruptedAlone: 2 }])
  expect(await inbox.redrive('acme:evt_1')).toBe(true)
  await consumer.idle()
  expect(attempts[1]).toMatchObject({ interruptions: 0, interruptedAlone: 0, wasInterrupted: false })
})

test('a process never takes an event whose handler still runs in it, and its verdict counts, however late', async () => {
  const { time, process } = machine()
  const clock = process()
  const inbox = testInbox({ clock, leaseMs, pollMs: 100 })
  const finishers: (() => void)[] = []
  await Promise.all(eventRecords(3).map((event) => inbox.put(event, { rememberMs })))
  const { attempts, consumer } = consumeRecorded(
    inbox,
    () => new Promise((resolve) => finishers.push(() => resolve(done))),
  )
  await expect.poll(() => attempts.length).toBe(3)
  clock.freeze() // as when a handler blocks the loop: no renewal, until long after the leases ran out
  await time.advance(10 * leaseMs)
  clock.goOn()
  await time.advance(1_000)
  expect(attempts).toHaveLength(3)
  for (const finish of finishers) finish()
  await consumer.idle()
  expect(attempts.map(({ signal }) => signal?.aborted)).toEqual([false, false, false])
  expect(await inbox.counts()).toEqual(counts({}))
})

test('an event whose handler did not settle is not handed out, even where its turn is over', async () => {
  const { time, process } = machine()
  const inbox = testInbox({ clock: process(), pollMs: 100 })
  const running = new Set<string>()
  await inbox.put(eventRecord({ id: 'stubborn' }), { rememberMs })
  const { ids } = consumeRecorded(
    inbox,
    async ({ event, attempt }) => {
      if (attempt > 1) return done
      running.add(event.key)
      return retryIn(0)
    },
    { running: () => running },
  )
  await expect.poll(ids).toEqual(['stubborn'])
  await inbox.put(eventRecord({ id: 'other' }), { rememberMs })
  await time.advance(1_000)
  expect(ids()).toEqual(['stubborn', 'other'])
  running.clear()
  await time.advance(100)
  expect(ids()).toContain('stubborn')
  expect(ids().filter((id) => id === 'stubborn')).toHaveLength(2)
})
