import { noProgress, PermanentError, RetryLater } from '@hookport/core'
import { expect, test } from 'vitest'
import { TurnProgress } from '../../src/handle/turn/turn-progress.ts'
import { retryPolicy } from '../support/retry-policy.ts'

const retry = retryPolicy({ attempts: 3, initialDelay: 1_000, maxDelay: 4_000, jitter: 0 })
const timing = { startedAt: 100, durationMs: 10, endedAt: 5_000 }

function turn(progress = noProgress, attemptOfEvent = 1): TurnProgress {
  return new TurnProgress(progress, attemptOfEvent, retry)
}

test('a handler that fails waits for its own retry, and is not settled', () => {
  const progress = turn()
  progress.complete('charge', timing)
  progress.fail('mail', new Error('broken'), timing)
  expect(progress.current).toMatchObject({
    completed: ['charge'],
    abandoned: [],
    waiting: [{ handler: 'mail', attempt: 2, dueAt: 6_000, delayMs: 1_000 }],
  })
  expect(progress.isSettled('charge')).toBe(true)
  expect(progress.isSettled('mail')).toBe(false)
  expect([progress.isDue('mail', 5_999), progress.isDue('mail', 6_000), progress.isDue('audit', 0)]).toEqual([
    false,
    true,
    true,
  ])
})

test('attempts are counted for each handler, and the last one abandons it', () => {
  const progress = turn()
  for (const attempt of [1, 2, 3]) {
    expect(progress.attemptOf('mail')).toBe(attempt)
    progress.fail('mail', new Error(`broken ${attempt}`), timing)
  }
  expect(progress.attemptOf('charge')).toBe(1)
  expect(progress.current.waiting).toEqual([])
  expect(progress.current.abandoned).toMatchObject([{ handler: 'mail', message: 'broken 3' }])
  expect(progress.failures).toHaveLength(3)
  expect(progress.isSettled('mail')).toBe(true)
})

test('a permanent failure abandons at once', () => {
  const progress = turn()
  progress.fail('mail', new PermanentError('no such address'), timing)
  expect(progress.current).toMatchObject({ abandoned: [{ code: 'permanent_failure' }], waiting: [] })
})

test.each([
  [0, 1_000],
  [999, 1_000],
  [60_000, 60_000],
])('RetryLater(%i) waits %i ms, uses up no attempt, and is no failure', (asked, waited) => {
  const progress = turn()
  progress.fail('mail', new Error('broken'), timing)
  progress.fail('mail', new RetryLater(asked), timing)
  expect(progress.current.waiting).toEqual([
    { handler: 'mail', attempt: 2, dueAt: 5_000 + waited, delayMs: waited },
  ])
  expect(progress.failures).toHaveLength(1)
})

test('a handler that succeeds after it waited, waits no more', () => {
  const progress = turn()
  progress.fail('mail', new Error('broken'), timing)
  progress.complete('mail', timing)
  expect(progress.current).toMatchObject({ completed: ['mail'], waiting: [] })
})

test('an instant further off than the wait was long was measured by another clock, and is due', () => {
  const waiting = [{ handler: 'mail', attempt: 2, dueAt: 1_000_000, delayMs: 1_000 }]
  const progress = turn({ ...noProgress, waiting })
  expect(progress.isDue('mail', 998_999)).toBe(true)
  expect(progress.isDue('mail', 999_000)).toBe(false)
  expect(progress.isDue('mail', 1_000_000)).toBe(true)
})

test('an event of before each handler had attempts goes on with the attempt that it had', () => {
  expect(turn(noProgress, 3).attemptOf('mail')).toBe(3)
  expect(turn({ ...noProgress, waiting: [] }, 3).attemptOf('mail')).toBe(1)
})

test('the history holds the last 20 runs of each handler, and no stacks', () => {
  const progress = turn()
  for (let run = 0; run < 25; run++)
    progress.fail('mail', new RetryLater(1_000), { ...timing, startedAt: run })
  progress.fail('mail', new Error('broken'), { ...timing, startedAt: 25 })
  progress.complete('mail', { ...timing, startedAt: 26 })
  progress.complete('charge', timing)
  const { mail = [], charge = [] } = progress.current.history ?? {}
  expect(mail.map(({ at }) => at)).toEqual(Array.from({ length: 20 }, (_, index) => index + 7))
  expect(mail.slice(-3)).toEqual([
    { at: 24, durationMs: 10, outcome: 'waits' },
    {
      at: 25,
      durationMs: 10,
      outcome: 'failed',
      failure: { handler: 'mail', code: 'error', message: 'broken', at: 35 },
    },
    { at: 26, durationMs: 10, outcome: 'completed' },
  ])
  expect(charge).toEqual([{ at: 100, durationMs: 10, outcome: 'completed' }])
  expect(progress.failures[0]?.stack, 'with the failure itself it is kept').toContain('broken')
})

test('what was handed on is never changed afterwards', () => {
  const progress = turn()
  progress.fail('mail', new Error('broken'), timing)
  const before = progress.current
  const copy = structuredClone(before)
  progress.complete('mail', timing)
  expect(before).toEqual(copy)
})

test('an event that can not be opened is tried as often as a handler, and then given up', () => {
  const failed = (attempt: number, error = new Error('no schema')) => {
    const progress = turn(noProgress, attempt)
    progress.failEvent(error, 7)
    return { abandoned: progress.current.abandoned.length, failures: progress.failures }
  }
  const failure = { handler: null, code: 'error', message: 'no schema', at: 7 }
  expect(failed(1)).toMatchObject({ abandoned: 0, failures: [failure] })
  expect(failed(2)).toMatchObject({ abandoned: 0, failures: [failure] })
  expect(failed(3)).toMatchObject({ abandoned: 1, failures: [failure] })
  expect(failed(1, new PermanentError('never'))).toMatchObject({ abandoned: 1 })
})

test('the history says of a handler that was given up that it was, and why', () => {
  const progress = turn()
  progress.fail('mail', new PermanentError('no such address'), timing)
  expect(progress.current.history?.mail).toMatchObject([
    { outcome: 'abandoned', failure: { code: 'permanent_failure', message: 'no such address' } },
  ])
})

test('a handler that skips an event is in its history: when, and that it took no time', () => {
  const progress = turn()
  progress.skip('mail', 7)
  expect(progress.current.history).toEqual({ mail: [{ at: 7, durationMs: 0, outcome: 'skipped' }] })
  expect(progress.isSettled('mail')).toBe(true)
})

test.each([
  ['has succeeded', { completed: ['mail'] }],
  ['was skipped, where a store leaves out what is empty', { skipped: ['mail'] }],
  ['has failed for good', { abandoned: [{ handler: 'mail', code: 'error', message: 'broken', at: 0 }] }],
  ['waits', { waiting: [{ handler: 'mail', attempt: 2, dueAt: 6_000, delayMs: 1_000 }] }],
])('not all handlers are due any more once one %s', (_, tried) => {
  expect(turn().isFresh).toBe(true)
  expect(turn({ ...noProgress, ...tried }).isFresh).toBe(false)
})
