import crypto from 'node:crypto'
import { expect, test, vi } from 'vitest'

vi.mock('../../src/bytes/node-crypto.ts', () => ({ nodeCrypto: { ...crypto, hash: undefined } }))

const { hmacSha256 } = await import('../../src/bytes/hmac-sha256.ts')
const { sha256, sha256Hex } = await import('../../src/bytes/sha256.ts')

test('a Node without one-shot hashes computes the same', async () => {
  const body = Buffer.from('what do ya want for nothing?')
  const expected = crypto.createHmac('sha256', 'Jefe').update('1700000000.').update(body).digest('hex')
  expect(Buffer.from(await hmacSha256(Buffer.from('Jefe'))(body, '1700000000.')).toString('hex')).toBe(
    expected,
  )
  const hashed = crypto.createHash('sha256').update(body).digest()
  expect(await sha256Hex(body)).toBe(hashed.toString('hex'))
  expect(await sha256(body)).toEqual(hashed)
})
