import { createHash, createHmac } from 'node:crypto'
import { expect, test, vi } from 'vitest'

vi.mock('../../src/bytes/node-crypto.ts', () => ({ nodeCrypto: undefined }))

const { equalDigests, hmacSha256 } = await import('../../src/bytes/hmac-sha256.ts')
const { sha256, sha256Hex } = await import('../../src/bytes/sha256.ts')

const digest = Uint8Array.from({ length: 32 }, (_, index) => index)

test('where node:crypto is absent, Web Crypto computes the same', async () => {
  const key = Buffer.from('Jefe')
  const body = Buffer.from('what do ya want for nothing?')
  expect(hmacSha256(key)(body)).toBeInstanceOf(Promise)
  for (const prefix of ['', '1700000000.', 'größer.']) {
    const expected = createHmac('sha256', key).update(prefix).update(body).digest('hex')
    expect(Buffer.from(await hmacSha256(key)(body, prefix)).toString('hex')).toBe(expected)
  }
  const hashed = createHash('sha256').update(body).digest()
  expect(await sha256Hex(body)).toBe(hashed.toString('hex'))
  expect(Buffer.from(await sha256(body))).toEqual(hashed)
})

test('the same 32 bytes are equal there, too', () => {
  expect(equalDigests(digest, Uint8Array.from(digest))).toBe(true)
})

test.each([...digest.keys()])('a difference in byte %i alone is one', (index) => {
  for (const bit of [0x01, 0x80]) {
    const other = Uint8Array.from(digest)
    other[index] = (digest[index] as number) ^ bit
    expect(equalDigests(digest, other)).toBe(false)
    expect(equalDigests(other, digest)).toBe(false)
  }
})

test.each([0, 31, 33])('what has %i bytes is equal to nothing there', (length) => {
  const other = new Uint8Array(length)
  expect(equalDigests(other, other)).toBe(false)
  expect(equalDigests(digest, other)).toBe(false)
  expect(equalDigests(other, digest)).toBe(false)
})
