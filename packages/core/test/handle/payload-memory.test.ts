import { expect, test } from 'vitest'
import { payloadMemory } from '../../src/handle/turn/payload-memory.ts'

const mebibyte = 1024 * 1024
const noRoom = Number.POSITIVE_INFINITY

test.each<[string, unknown]>([
  ['nothing', null],
  ['true', true],
  ['a number', 1],
])('%s takes up next to nothing', (_, payload) => {
  expect(payloadMemory(payload, mebibyte)).toBeLessThan(17)
})

test('what a definition has read may contain itself: then it has no end, and is not counted to one', () => {
  const node: { parent?: unknown; neighbours?: unknown[] } = {}
  node.parent = node
  node.neighbours = [node, node, node]
  expect(payloadMemory(node, mebibyte)).toBe(noRoom)
})

test('what throws when it is looked at has no known size', () => {
  const payload = {
    get broken() {
      throw new Error('not loaded')
    },
  }
  expect(payloadMemory(payload, mebibyte)).toBe(noRoom)
})

test.each([
  [64, false],
  [65, true],
])('nested %i deep: too deep is %s', (depth, isTooDeep) => {
  const payload = JSON.parse(`${'['.repeat(depth + 1)}${']'.repeat(depth + 1)}`)
  expect(payloadMemory(payload, mebibyte) === noRoom).toBe(isTooDeep)
})

test('it stops at the most that there is room for', () => {
  const texts = Array.from({ length: 1_000 }, () => 'x'.repeat(1_000))
  const bytes = payloadMemory(texts, noRoom)
  expect(bytes).toBeGreaterThan(1_000_000)
  expect(payloadMemory(texts, bytes)).toBe(bytes)
  expect(payloadMemory(texts, bytes - 1)).toBe(noRoom)
})

test('every part counts: texts, names of fields, numbers among others, and what is in them', () => {
  const of = (payload: unknown) => payloadMemory(payload, mebibyte)
  expect(of([1, null]) - of([null, null])).toBe(16)
  expect(of([1, null, 2]) - of([1, null])).toBe(10 + 16)
  expect(of([1, 2, 3]) - of([1])).toBe(2 * 10) // a list of numbers alone needs no more
  expect(of([[]]) - of([null])).toBe(of([]))
  expect(of('xxx') - of('')).toBe(6)
  expect(of({ [`a${'x'.repeat(1_000)}`]: 1 }) - of({ a: 1 })).toBe(2_000)
  expect(of({ a: 1, b: 1 }) - of({ a: 1 })).toBeGreaterThan(100)
  expect(of({ a: { b: 'x'.repeat(500) } }) - of({ a: { b: '' } })).toBe(1_000)
})

test.each([
  [64, false],
  [65, true],
])('objects that are nested %i deep are looked through as arrays are: too deep is %s', (depth, isTooDeep) => {
  const payload = JSON.parse(`${'{"a":'.repeat(depth)}{}${'}'.repeat(depth)}`)
  expect(payloadMemory(payload, mebibyte) === noRoom).toBe(isTooDeep)
})

test('what just fits has room', () => {
  const bytes = payloadMemory({}, mebibyte)
  expect(payloadMemory({}, bytes)).toBe(bytes)
  expect(payloadMemory({}, bytes - 1)).toBe(noRoom)
})
