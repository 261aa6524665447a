import { expect, test } from 'vitest'
import { BodyBytes } from '../../src/bytes/body-bytes.ts'

const pieces = [[1, 2], [], [3], [4, 5, 6, 7, 8, 9, 10], [], [11]].map((bytes) => Uint8Array.from(bytes))

function collected(pieces: readonly Uint8Array[]): BodyBytes {
  const body = new BodyBytes()
  for (const piece of pieces) body.add(piece)
  return body
}

test('pieces of any length make the body, in an array of exactly its length', () => {
  const body = collected(pieces)
  expect(body.length).toBe(11)
  expect(body.whole()).toEqual(Uint8Array.from([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]))
  expect(body.whole().buffer.byteLength).toBe(11)
})

test('no piece is written to', () => {
  const roomy = new Uint8Array(8)
  collected([roomy.subarray(0, 2), Uint8Array.of(9, 9, 9)])
  expect(roomy).toEqual(new Uint8Array(8))
})

test('a body of one piece is that piece, not a copy', () => {
  const piece = Uint8Array.of(1, 2, 3)
  expect(collected([piece]).whole()).toBe(piece)
})

test('a body of none is empty', () => {
  expect(collected([]).whole()).toEqual(new Uint8Array())
})
