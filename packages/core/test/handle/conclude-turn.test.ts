import { type Attempt, noProgress } from '@hookport/core'
import { eventRecord } from '@hookport/testkit/inbox/event-records'
import { describe, expect, test, vi } from 'vitest'
import type { NamedHandler } from '../../src/handle/handlers.ts'
import { concludeTurn, type PausedHandler } from '../../src/handle/turn/conclude-turn.ts'
import { TurnProgress } from '../../src/handle/turn/turn-progress.ts'

const policy = { attempts: 3, initialDelay: 1_000, maxDelay: 4_000, jitter: 0 }
const timing = { startedAt: 100, durationMs: 10, endedAt: 5_000 }

function named(name: string): NamedHandler {
  return { name, unnamed: name, handle: vi.fn() }
}

function attemptOf(attempt: number): Attempt {
  const uncut = { interruptions: 0, interruptedAlone: 0, wasInterrupted: false }
  return { event: eventRecord(), attempt, progress: noProgress, now: 0, checkpoint() {}, ...uncut }
}

function concluded(
  progress: TurnProgress,
  { attempt = 1, now = 5_000, areAll = true, paused = [] as PausedHandler[] } = {},
) {
  const handlers = { handlers: [named('mail'), named('charge')], areAll }
  return concludeTurn({ progress, wasStopped: false, paused }, attemptOf(attempt), handlers, policy, now)
}

describe('of several handlers that wait', () => {
  test.each([
    [['mail', 'charge'], 1_000],
    [['charge', 'mail'], 1_000],
  ])('the one whose time comes first counts, whichever failed first (%o)', ([first = '', second = '']) => {
    const progress = new TurnProgress(noProgress, 1, policy)
    progress.fail(first, new Error('broken'), timing)
    progress.fail(second, new Error('broken'), { ...timing, endedAt: 5_600 })
    expect(concluded(progress, { now: 5_700 })).toMatchObject({ outcome: 'retry', delayMs: 300 })
  })

  test('one that is paused is not asked again before its pause says so, though its retry is due', () => {
    const progress = new TurnProgress(noProgress, 1, policy)
    progress.fail('mail', new Error('broken'), timing)
    const paused = [{ name: 'mail', waitMs: 5_000 }]
    expect(concluded(progress, { now: 7_000, paused })).toMatchObject({ outcome: 'retry', delayMs: 5_000 })
    progress.fail('charge', new Error('broken'), { ...timing, endedAt: 7_000 })
    expect(concluded(progress, { now: 7_000, paused })).toMatchObject({ outcome: 'retry', delayMs: 1_000 })
  })

  test('of several that are paused the one that is paused for the shortest counts', () => {
    const progress = new TurnProgress(noProgress, 1, policy)
    const paused = [
      { name: 'mail', waitMs: 60_000 },
      { name: 'charge', waitMs: 5_000 },
    ]
    expect(concluded(progress, { paused })).toMatchObject({ outcome: 'retry', delayMs: 5_000 })
  })

  test('those for any event hold up nothing that is still to come', () => {
    const progress = new TurnProgress(noProgress, 1, policy)
    progress.fail('mail', new Error('broken'), timing)
    expect(concluded(progress, { areAll: false })).toMatchObject({ outcome: 'retry', untilWanted: true })
    expect(concluded(progress)).not.toHaveProperty('untilWanted')
  })

  test('one that no handler stands for any more delays nothing', () => {
    const progress = new TurnProgress(noProgress, 1, policy)
    progress.fail('gone', new Error('broken'), timing)
    expect(concluded(progress)).toMatchObject({ outcome: 'done' })
  })
})

describe('an event that can not be opened', () => {
  test.each([
    [1, 1_000],
    [2, 4_000],
  ])('after attempt %i is tried again in %i ms', (attempt, delayMs) => {
    const progress = new TurnProgress(noProgress, attempt, policy)
    progress.failEvent(new Error('no schema'), 7)
    expect(concluded(progress, { attempt })).toMatchObject({ outcome: 'retry', delayMs, attemptUsed: true })
  })

  test('after the last one is a dead letter, with the reason', () => {
    const progress = new TurnProgress(noProgress, 3, policy)
    progress.failEvent(new Error('no schema'), 7)
    expect(concluded(progress, { attempt: 3 })).toMatchObject({
      outcome: 'dead',
      failures: [{ handler: null, message: 'no schema' }],
    })
  })
})

test('what is left is parked where not all handlers were here, and done where they were', () => {
  const progress = new TurnProgress(noProgress, 1, policy)
  expect(concluded(progress, { areAll: false })).toMatchObject({ outcome: 'park' })
  expect(concluded(progress)).toMatchObject({ outcome: 'done' })
})
