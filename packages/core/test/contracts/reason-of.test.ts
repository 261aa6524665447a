import { reasonOf } from '@hookport/core'
import { expect, test } from 'vitest'
import { describeFailure } from '../../src/handle/describe-failure.ts'
import { lineOf } from '../../src/setup/log-line.ts'

const refused = (address: string) =>
  Object.assign(new Error(`connect ECONNREFUSED ${address}`), { code: 'ECONNREFUSED' })
/** As Node fails to connect to a host of two addresses, which `localhost` is on most machines. */
const nobodyThere = Object.assign(new AggregateError([refused('::1:5432'), refused('127.0.0.1:5432')]), {
  code: 'ECONNREFUSED',
})
const both = 'connect ECONNREFUSED ::1:5432; connect ECONNREFUSED 127.0.0.1:5432'

test('of a host of which no address answers, each is told', () => {
  expect(reasonOf(nobodyThere)).toBe(both)
  expect(describeFailure(null, nobodyThere, 0)).toMatchObject({ code: 'ECONNREFUSED', message: both })
  expect(lineOf('error', { err: nobodyThere }, 'refused')).toContain(`AggregateError: ${both}`)
})

test('a failure tells why: what fetch and an ORM throw only says what has failed, and its cause why', () => {
  const fetching = new TypeError('fetch failed', { cause: refused('127.0.0.1:80') })
  expect(describeFailure(null, fetching, 0).message).toBe(
    'fetch failed, because of connect ECONNREFUSED 127.0.0.1:80',
  )
  const query = new Error('Failed query: insert into plans', { cause: new Error('no such table: plans') })
  expect(describeFailure(null, query, 0).message).toBe(
    'Failed query: insert into plans, because of no such table: plans',
  )
})

test('a cause that an error repeats is told once', () => {
  const cause = new Error('disk full')
  expect(reasonOf(new Error('not stored: disk full', { cause }))).toBe('not stored: disk full')
})

test('a WebSocket fails with an event, whose error is told', () => {
  expect(reasonOf({ type: 'error', message: '', error: refused('10.0.0.1:443') })).toBe(
    'connect ECONNREFUSED 10.0.0.1:443',
  )
})

test.each([
  [new TypeError(), 'TypeError'],
  [{ message: '', errors: [] }, '[object Object]'],
  [undefined, 'undefined'],
])('what says nothing is told as what it is: %o', (error, reason) => {
  expect(reasonOf(error)).toBe(reason)
})

test('an error that is its own cause, or holds itself, comes to an end', () => {
  const circle = new Error('round')
  circle.cause = circle
  expect(reasonOf(circle)).toBe('round')
  const pair = [new Error('one'), new Error('two')] as const
  pair[0].cause = pair[1]
  pair[1].cause = pair[0]
  expect(reasonOf(pair[0]).length).toBeLessThan(200)
  const holder = new AggregateError([])
  holder.errors.push(...Array.from({ length: 1_000 }, () => holder))
  expect(reasonOf(holder).length).toBeLessThan(10_000)
})

test.each<[string, PropertyDescriptor]>([
  ["can't be read", { get: () => expect.unreachable() }],
  ["can't be told", { value: Object.create(null) }],
  ['has no words', { value: { status: 500 } }],
])('where a cause %s, the message is told all the same', (_, cause) => {
  const error = Object.defineProperty(new Error('not stored'), 'cause', cause)
  expect(describeFailure(null, error, 0).message).toBe('not stored')
})

test('of an error with a message, nothing else is read for it', () => {
  const error = Object.defineProperty(new Error('not stored'), 'errors', { get: () => expect.unreachable() })
  expect(describeFailure(null, error, 0).message).toBe('not stored')
})
