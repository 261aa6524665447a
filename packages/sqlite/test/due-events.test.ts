import { noProgress } from '@hookport/core'
import { manualClock } from '@hookport/core/testing'
import { eventRecord } from '@hookport/testkit/inbox/event-records'
import { expect, onTestFinished, test } from 'vitest'
import { openFile } from '../src/open/open-file.ts'
import { temporaryFile } from './support/test-inbox.ts'

const soonMs = 50

/** A file with events that are due at these times, by their ids. */
function fileOf(dueAt: Readonly<Record<string, number>>) {
  const file = openFile({ path: temporaryFile(), synchronous: 'normal', clock: manualClock() })
  onTestFinished(() => file.close())
  file.begin()
  for (const [id, elapsed] of Object.entries(dueAt))
    file.kept.addPending(file.kept.nextSequence(), eventRecord({ id }), noProgress, {
      elapsed,
      steady: elapsed,
      wall: elapsed,
    })
  file.commit()
  return {
    inMs: (now: number, ...running: string[]) =>
      file.due.dueInMs(
        eventRecord().source,
        now,
        soonMs,
        new Set(running.map((id) => eventRecord({ id }).key)),
      ),
  }
}

test('the next event is due when the first one is that does not run here, however many run', () => {
  const { inMs } = fileOf({ one: 10, two: 20, three: 30 })
  expect(inMs(0)).toBe(10)
  expect(inMs(0, 'one')).toBe(20)
  expect(inMs(0, 'two')).toBe(10)
  expect(inMs(0, 'one', 'two')).toBe(30)
  expect(inMs(25)).toBe(0)
})

test('where something runs here, the next look is soon; without anything, there is none', () => {
  const { inMs } = fileOf({ one: 10, late: 1_000 })
  expect(inMs(0, 'one')).toBe(soonMs)
  expect(inMs(0, 'one', 'late')).toBe(soonMs)
  expect(inMs(960, 'one')).toBe(40)
  expect(fileOf({ late: 1_000 }).inMs(0)).toBe(1_000)
  expect(fileOf({}).inMs(0)).toBeUndefined()
})
