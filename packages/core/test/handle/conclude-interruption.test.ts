import { type Attempt, noProgress } from '@hookport/core'
import { eventRecord } from '@hookport/testkit/inbox/event-records'
import { expect, test } from 'vitest'
import { concludeInterruption } from '../../src/handle/turn/conclude-turn.ts'
import { retryPolicy } from '../support/retry-policy.ts'

const policy = retryPolicy({ attempts: 3, initialDelay: 1_000, maxDelay: 4_000, jitter: 0 })

function concluded(more: Partial<Attempt>) {
  const attempt: Attempt = {
    event: eventRecord(),
    attempt: 1,
    interruptions: 2,
    interruptedAlone: 0,
    wasInterrupted: true,
    progress: noProgress,
    now: 0,
    checkpoint() {},
    ...more,
  }
  return concludeInterruption(attempt, policy, 7)
}

test('however often an event was interrupted beside others, it is handled', () => {
  expect(concluded({ interruptions: 1 })).toBeUndefined()
  expect(concluded({ interruptions: 1_000 })).toBeUndefined()
})

test('after an interruption while alone it waits like after a failure, longer each time', () => {
  const delays = [1, 2].map((interruptedAlone) => concluded({ interruptedAlone }))
  expect(delays).toMatchObject([
    { outcome: 'retry', delayMs: 1_000, attemptUsed: false, keepInterruptions: true, failures: [] },
    { outcome: 'retry', delayMs: 4_000, attemptUsed: false, keepInterruptions: true, failures: [] },
  ])
})

test('once it has waited it is handled', () => {
  expect(concluded({ interruptedAlone: 2, wasInterrupted: false })).toBeUndefined()
})

test('after as many as a handler has attempts it is a dead letter, which says why', () => {
  expect(concluded({ interruptedAlone: 3 })).toMatchObject({
    outcome: 'dead',
    failures: [{ handler: null, code: 'interrupted', message: expect.stringContaining('3 times'), at: 7 }],
  })
})
