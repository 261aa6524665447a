import { InvalidEnvelope, requireId, requireText } from '@hookport/core'
import { describe, expect, test } from 'vitest'
import { payloadReaders } from '../../src/bodies/read-payload.ts'

const read = (text: string) => payloadReaders.object(Buffer.from(text))

test.each([
  ['{"id":"evt_1"}', 'evt_1'],
  ['{"id":42}', '42'],
  ['{"id":9007199254740993}', '9007199254740993'],
  ['{"id":9007199254740992}', '9007199254740992'],
  ['{"id":123456789012345678901234567890}', '123456789012345678901234567890'],
  ['{"id":1.0}', '1.0'],
])('the id in %s is %s, exactly', (body, id) => {
  expect(requireId(read(body), 'id')).toBe(id)
})

test('a field of an object inside is reached by its path', () => {
  expect(requireId(read('{"resource":{"id":9007199254740993}}'), ['resource', 'id'])).toBe('9007199254740993')
})

test.each([
  ['{}', /its id is missing/],
  ['{"id":null}', /its id is null/],
  ['{"id":""}', /its id is an empty text/],
  ['{"id":true}', /its id is true/],
  ['{"id":{}}', /its id is an object/],
  ['{"id":[1]}', /its id is a list/],
  ['{"id":NaN}', /its id is the number NaN/],
  ['{"__proto__":{"id":1}}', /its id is missing/],
])('%s has no id, and the error says what there is', (body, reason) => {
  expect(() => requireId(read(body), 'id')).toThrow(InvalidEnvelope)
  expect(() => requireId(read(body), 'id')).toThrow(reason)
})

describe('a payload that was read from no body', () => {
  test('has the ids that JavaScript can hold', () => {
    expect(requireId({ id: 42 }, 'id')).toBe('42')
  })
  test('has no other: two of them would be one', () => {
    expect(() => requireId({ id: 2 ** 53 }, 'id')).toThrow(/can't be read exactly/)
  })
})

test.each([
  [{ id: 42 }, /its id is the number 42, and not a text.+requireId/],
  [{ id: null }, /its id is null, and not a text/],
  [{ id: '' }, /its id is an empty text/],
  [{}, /it has no id/],
])('requireText says of %j what it found', (payload, reason) => {
  expect(() => requireText(payload, 'id')).toThrow(reason)
})
