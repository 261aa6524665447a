import { type Attempt, noProgress } from '@hookport/core'
import { eventRecord } from '@hookport/testkit/inbox/event-records'
import { describe, expect, test } from 'vitest'
import { isOvertaken, legacyOf, type OrderTools } from '../../src/handle/order/newest.ts'

const skips: OrderTools = {
  order: { by: () => 'one', older: 'skip' },
  dedupeWindow: 5_000,
  handlers: { nameInOrder: (name) => name },
}
/** Of receivers that skip nothing. An earlier deploy may have skipped what is older, so that the inbox still remembers the newest. */
const skipNothing: [what: string, OrderTools][] = [
  ['no order', { ...skips, order: undefined }],
  ['an order that handles what is older', { ...skips, order: { by: () => 'one' } }],
]

const place = (createdAt: number) => ({ createdAt, rank: 0 })

function attemptOf(more: Partial<Attempt> = {}): Attempt {
  return {
    event: eventRecord({ createdAt: 1_000, orderKey: 'one' }),
    attempt: 1,
    interruptions: 0,
    interruptedAlone: 0,
    wasInterrupted: false,
    progress: noProgress,
    now: 0,
    newest: { save: place(1_001) },
    checkpoint() {},
    ...more,
  }
}

const saved = { ...noProgress, completed: ['save'] }

describe('an event that is older than what a handler has handled', () => {
  test('is skipped by that handler, where the order says so', () => {
    expect(isOvertaken('save', attemptOf(), skips)).toBe(true)
    expect(isOvertaken('mail', attemptOf(), skips)).toBe(false)
    expect(isOvertaken('save', attemptOf({ newest: { save: place(1_000) } }), skips)).toBe(false)
    expect(isOvertaken('save', attemptOf({ newest: undefined }), skips)).toBe(false)
  })

  test('is handled where it was asked for, out of order', () => {
    expect(isOvertaken('save', attemptOf({ progress: { ...noProgress, outOfOrder: true } }), skips)).toBe(
      false,
    )
  })

  test('is skipped too where an earlier deploy has remembered that under the name that the handler has for one type', () => {
    const named = { ...skips, handlers: { nameInOrder: () => 'onEvent:save' } }
    const remembered = { 'onEvent(run.started):save': place(1_001) }
    const newest = { 'onEvent:save': place(999), ...remembered }
    expect(isOvertaken('onEvent(run.started):save', attemptOf({ newest: remembered }), named)).toBe(true)
    expect(isOvertaken('onEvent(run.started):save', attemptOf({ newest }), named)).toBe(false)
  })

  test.each(skipNothing)('is handled where there is %s now', (_, tools) => {
    expect(isOvertaken('save', attemptOf(), tools)).toBe(false)
  })
})

describe('what is left to later events of the key', () => {
  test('is the newest that each handler has handled, for as long as ids are remembered', () => {
    const newest = { save: place(900), mail: place(2_000) }
    expect(
      legacyOf({ ...noProgress, completed: ['save', 'mail', 'index'] }, attemptOf({ newest }), skips),
    ).toEqual({
      newest: { save: place(1_000), mail: place(2_000), index: place(1_000) },
      rememberMs: 5_000,
    })
  })

  test.each([
    ['no handler has handled it', noProgress, attemptOf()],
    ['it is not newer', saved, attemptOf()],
    ['it is the same, handled again', saved, attemptOf({ newest: { save: place(1_000) } })],
    ['it has no key', saved, attemptOf({ event: eventRecord(), newest: undefined })],
  ])('is nothing where %s', (_, progress, attempt) => {
    expect(legacyOf(progress, attempt, skips)).toBeUndefined()
  })

  test.each(skipNothing)('is nothing where there is %s', (_, tools) => {
    expect(legacyOf(saved, attemptOf({ newest: undefined }), tools)).toBeUndefined()
  })
})
