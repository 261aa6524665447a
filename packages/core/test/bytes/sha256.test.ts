import { expect, test } from 'vitest'
import { sha256, sha256Hex } from '../../src/bytes/sha256.ts'

/** FIPS 180-4, the example of one block. */
const digest = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad'

test('the SHA-256 of a text of one block is that of the standard', async () => {
  const text = Buffer.from('abc')
  expect(await sha256Hex(text)).toBe(digest)
  expect(Buffer.from(await sha256(text)).toString('hex')).toBe(digest)
})
