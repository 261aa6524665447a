import { PermanentError, RetryLater } from '@hookport/core'
import { describe, expect, test } from 'vitest'
import { isHookportError, isPermanent, isRefusal, retryDelayOf } from '../../src/contracts/errors.ts'
import { describeFailure } from '../../src/handle/describe-failure.ts'

const revoked = Proxy.revocable({}, {})
revoked.revoke()
const circular: Record<string, unknown> = { message: {} }
circular.message = circular

function throwing(): never {
  throw new Error('thrown by what was thrown')
}

const unreadable = "what was thrown can't be read"

/** What a handler may throw, and what its message is made of it. */
const thrown: Record<string, [error: unknown, message: string]> = {
  'an error': [new Error('broken'), 'broken'],
  'a string': ['broken', 'broken'],
  nothing: [undefined, 'undefined'],
  null: [null, 'null'],
  'a bigint': [10n, '10'],
  'a symbol': [Symbol('broken'), 'Symbol(broken)'],
  'a function': [Object.assign(() => 1, { toString: () => 'f' }), 'f'],
  'an error whose message is a bigint': [Object.assign(new Error(), { message: 10n }), '10'],
  'an error whose message is a symbol': [Object.assign(new Error(), { message: Symbol('m') }), 'Symbol(m)'],
  'an error whose message is circular': [circular, '[object Object]'],
  'an error whose message has no text': [{ message: Object.create(null) }, unreadable],
  'an object without a message': [{ status: 500 }, '[object Object]'],
  'an object without a prototype': [Object.create(null), unreadable],
  'an object whose getters throw': [
    Object.defineProperties(
      {},
      { message: { get: throwing }, code: { get: throwing }, stack: { get: throwing } },
    ),
    unreadable,
  ],
  'an object whose text can not be had': [{ toString: throwing }, unreadable],
  'a proxy that allows nothing': [
    new Proxy({}, { get: throwing, has: throwing, getPrototypeOf: throwing }),
    unreadable,
  ],
  'a proxy that was revoked': [revoked.proxy, unreadable],
}

describe.each(Object.entries(thrown))('%s', (_, [error, message]) => {
  test('is described in plain text, which JSON can hold', () => {
    const failure = describeFailure('onEvent(order.paid):save', error, 7)
    expect(failure).toMatchObject({ handler: 'onEvent(order.paid):save', code: 'error', message, at: 7 })
    const texts = [failure.code, failure.message, failure.stack ?? '']
    expect(texts.map((text) => typeof text)).toEqual(['string', 'string', 'string'])
    expect(JSON.parse(JSON.stringify(failure))).toEqual(failure)
  })

  test('is neither permanent, nor a wait, nor a refusal', () => {
    expect(isHookportError(error)).toBe(false)
    expect(isPermanent(error)).toBe(false)
    expect(isRefusal(error)).toBe(false)
    expect(retryDelayOf(error)).toBeUndefined()
  })
})

const bytes = (text: string) => Buffer.byteLength(text)

test.each(['x', 'é', '🪝', '\ud800'])(
  'a message of 1 MB of %j takes 4 KiB at most, a stack 16 KiB',
  (character) => {
    const error = new Error(character.repeat(1_000_000))
    error.stack = error.message
    const { message, stack = '' } = describeFailure(null, error, 0)
    expect(bytes(message)).toBeLessThanOrEqual(4 * 1024)
    expect(bytes(message)).toBeGreaterThan(4 * 1024 - 8)
    expect(bytes(stack)).toBeLessThanOrEqual(16 * 1024)
    expect(bytes(stack)).toBeGreaterThan(16 * 1024 - 8)
    expect(message.endsWith('…')).toBe(true)
    const kept = Buffer.from(character).toString() // what is cut is written in UTF-8, which has no half of a surrogate pair
    expect(message.slice(0, -1)).toBe(kept.repeat((message.length - 1) / kept.length))
  },
)

test.each([4 * 1024 - 1, 4 * 1024])('a message of %i bytes is left as it is', (length) => {
  expect(describeFailure(null, 'x'.repeat(length), 0).message).toBe('x'.repeat(length))
})

test('a message of a byte more is cut', () => {
  expect(bytes(describeFailure(null, 'x'.repeat(4 * 1024 + 1), 0).message)).toBe(4 * 1024)
})

test('a message is cut by its bytes, though its characters are fewer', () => {
  const { message } = describeFailure(null, '€'.repeat(4_000), 0)
  expect(bytes(message)).toBeLessThanOrEqual(4 * 1024)
  expect(message).toMatch(/^€+…$/)
})

test('a code is kept where it is text, and no longer than is usual', () => {
  expect(describeFailure(null, Object.assign(new Error(), { code: 'ECONNREFUSED' }), 0).code).toBe(
    'ECONNREFUSED',
  )
  expect(describeFailure(null, Object.assign(new Error(), { code: 42 }), 0).code).toBe('error')
  expect(describeFailure(null, Object.assign(new Error(), { code: 'c'.repeat(1_000) }), 0).code).toHaveLength(
    98,
  )
  expect(describeFailure(null, new PermanentError('no'), 0).code).toBe('permanent_failure')
})

test('a stack that can not be read is left out', () => {
  const error = Object.defineProperty(new Error('broken'), 'stack', { get: throwing })
  expect(describeFailure(null, error, 0)).toEqual({ handler: null, code: 'error', message: 'broken', at: 0 })
})

describe('what passes itself off as RetryLater', () => {
  const brand = Symbol.for('@hookport/core.error')

  test.each([10n, Number.NaN, Number.POSITIVE_INFINITY, '5000', undefined, { valueOf: throwing }])(
    'with a delay of %o is a failure like any other',
    (delayMs) => {
      expect(retryDelayOf({ [brand]: true, code: 'retry_later', delayMs })).toBeUndefined()
    },
  )

  test('is believed where it has a delay, as another copy of the package may have made it', () => {
    expect(retryDelayOf({ [brand]: true, code: 'retry_later', delayMs: 5_000 })).toBe(5_000)
    expect(retryDelayOf(new RetryLater(5_000))).toBe(5_000)
  })
})

test('what is cut begins as it was thrown, with a byte order mark too', () => {
  const { message } = describeFailure(null, new Error('\ufeffbroken'.padEnd(5_000)), 0)
  expect(message.startsWith('\ufeffbroken')).toBe(true)
})

test('a short text of characters that take three bytes each is left as it is', () => {
  const text = '€'.repeat(1_365)
  expect(bytes(text)).toBeLessThan(4 * 1024)
  expect(describeFailure(null, text, 0).message).toBe(text)
})
