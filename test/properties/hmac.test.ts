import { createHmac } from 'node:crypto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { hmacSha256 } from '../../packages/core/src/bytes/hmac-sha256.ts'
import { hold, timeout, title } from './support/fuzz.ts'

/** Lengths at which something changes: a key's block, and where content is too long to be copied. */
const edges = [0, 1, 31, 32, 33, 55, 56, 63, 64, 65, 127, 128, 131, 8191, 8192, 8193, 8256]

async function expectRight(key: Uint8Array, contents: readonly Uint8Array[]): Promise<void> {
  const hmac = hmacSha256(key)
  for (const content of contents) {
    const digest = await hmac(content)
    expect(Buffer.from(digest).toString('hex')).toBe(createHmac('sha256', key).update(content).digest('hex'))
  }
}

test.each(edges.slice(1))('a key of %i bytes, for contents of all lengths that matter', (length) =>
  expectRight(
    Buffer.alloc(length, 0xa5),
    [...edges, ...edges.toReversed()].map((size, index) => Buffer.alloc(size, index)),
  ),
)

test(`any key, for several contents one after the other: ${title}`, { timeout }, () =>
  hold(
    fc.asyncProperty(
      fc.uint8Array({ minLength: 1, maxLength: 200 }),
      fc.array(fc.uint8Array({ maxLength: 200 }), { maxLength: 4 }),
      expectRight,
    ),
  ),
)

test('digests that were handed out stay as they are', async () => {
  const hmac = hmacSha256(Buffer.from('key'))
  const first = await hmac(Buffer.from('one'))
  const before = Buffer.from(first).toString('hex')
  await hmac(Buffer.from('two'))
  expect(Buffer.from(first).toString('hex')).toBe(before)
})
