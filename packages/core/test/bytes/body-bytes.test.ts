import { expect, test, vi } from 'vitest'
import { BodyBytes } from '../../src/bytes/body-bytes.ts'

const pieces = [[1, 2], [], [3], [4, 5, 6, 7, 8, 9, 10], [], [11]].map((bytes) => Uint8Array.from(bytes))

function collected(pieces: readonly Uint8Array[], announced?: number): BodyBytes {
  const body = new BodyBytes(announced)
  for (const piece of pieces) body.add(piece)
  return body
}

test('pieces of any length make the body, in an array of exactly its length', () => {
  const body = collected(pieces)
  expect(body.length).toBe(11)
  expect(body.whole()).toEqual(Uint8Array.from([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]))
  expect(body.whole().buffer.byteLength).toBe(11)
})

test.each([0, 4, 11, 12, 1e9, Number.NaN])(
  'the same of a body that announces %d bytes, whatever then comes',
  (announced) => {
    const body = collected(pieces, announced)
    expect(body.whole()).toEqual(Uint8Array.from([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]))
    expect(body.whole().buffer.byteLength).toBe(11)
  },
)

test('no more room is made than for twice what has come, nor than for what is announced', () => {
  const [one, two, three] = [Uint8Array.of(1), Uint8Array.of(2), Uint8Array.of(3)] as const
  const made: number[] = []
  vi.stubGlobal(
    'Uint8Array',
    new Proxy(Uint8Array, {
      construct(target, [length]) {
        made.push(length)
        return new target(length)
      },
    }),
  )
  collected([one, two], 1e9)
  collected([one, two, three], 3)
  collected([one, two], 2)
  collected([one, two], 1)
  vi.unstubAllGlobals()
  expect(made).toEqual([4, 3, 2, 4])
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

test('a small part of a larger memory, as pieces are on HTTP/2, does not hold that memory', () => {
  const received = new Uint8Array(4_097).fill(7)
  const body = collected([received.subarray(5, 8)]).whole()
  expect(body).toEqual(Uint8Array.of(7, 7, 7))
  expect(body.buffer.byteLength).toBe(3)
  const large = received.subarray(0, 2_049)
  expect(collected([large]).whole()).toBe(large)
})

test('what came with its head, as on HTTP/1, is not copied', () => {
  const piece = new Uint8Array(4_096).subarray(4_000)
  expect(collected([piece]).whole()).toBe(piece)
})

test('a body of none is empty', () => {
  expect(collected([]).whole()).toEqual(new Uint8Array())
})
