import { decodeJson, InvalidEnvelope, type JsonObject, requireId, requireText } from '@hookport/core'
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
  ['[{"id":9007199254740993},{"id":9007199254740995}]', ['1', 'id'], '9007199254740995'],
  [' [ [1, 2], {"a]": [ "]", {"id" : 9007199254740993 } ] } ] ', ['1', 'a]', '1', 'id'], '9007199254740993'],
  ['{"ids":[9007199254740993]}', ['ids', '0'], '9007199254740993'],
])('an item of an array in %s is reached by its number', (body, path, id) => {
  expect(requireId(payloadReaders.json(Buffer.from(body)), path)).toBe(id)
})

test.each([['2'], ['-1'], ['x']])('an array has no item %s', (name) => {
  const payload = payloadReaders.json(Buffer.from('[{"id":1},{"id":2}]'))
  expect(() => requireId(payload, [name, 'id'])).toThrow(/is missing/)
})

test.each(['größe', '識別', '🦖'])('a field whose name is not ASCII is found by it: %s', (field) => {
  expect(requireId(read(`{"x":1,"${field}":9007199254740993}`), field)).toBe('9007199254740993')
  expect(requireId(read(`{"${field}":{"id":9007199254740993}}`), [field, 'id'])).toBe('9007199254740993')
})

test('what a definition has read with decodeJson by itself has exact ids too', () => {
  const payload = decodeJson(Buffer.from('\ufeff{"id":9007199254740993}')) as JsonObject
  expect(requireId(payload, 'id')).toBe('9007199254740993')
})

test('a number that a definition has put in place of that of the body is not taken for it', () => {
  const payload = read('{"id":9007199254740993}') as { id: number }
  payload.id = 7
  expect(requireId(payload as unknown as JsonObject, 'id')).toBe('7')
  payload.id = 2 ** 60
  expect(() => requireId(payload as unknown as JsonObject, 'id')).toThrow(/can't be read exactly/)
})

test.each([
  ['{}', /its id is missing/],
  ['{"id":null}', /its id is null/],
  ['{"id":""}', /its id is an empty string/],
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
  [{ id: 42 }, /its id is the number 42, not a string.+requireId/],
  [{ id: null }, /its id is null, not a string/],
  [{ id: '' }, /its id is an empty string/],
  [{}, /it has no id/],
])('requireText says of %j what it found', (payload, reason) => {
  expect(() => requireText(payload, 'id')).toThrow(reason)
})
