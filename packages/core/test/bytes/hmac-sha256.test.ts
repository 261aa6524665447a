import { createHmac } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { equalDigests, hmacSha256 } from '../../src/bytes/hmac-sha256.ts'

/** RFC 4231, section 4: HMAC-SHA-256. Of test case 5, only the first 128 bits are given there. */
const vectors: [number, key: Buffer, data: Buffer, digest: string][] = [
  [
    1,
    Buffer.alloc(20, 0x0b),
    Buffer.from('Hi There'),
    'b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7',
  ],
  [
    2,
    Buffer.from('Jefe'),
    Buffer.from('what do ya want for nothing?'),
    '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843',
  ],
  [
    3,
    Buffer.alloc(20, 0xaa),
    Buffer.alloc(50, 0xdd),
    '773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe',
  ],
  [
    4,
    Buffer.from('0102030405060708090a0b0c0d0e0f10111213141516171819', 'hex'),
    Buffer.alloc(50, 0xcd),
    '82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b',
  ],
  [5, Buffer.alloc(20, 0x0c), Buffer.from('Test With Truncation'), 'a3b6167473100ee06e0c796c2955552b'],
  [
    6,
    Buffer.alloc(131, 0xaa),
    Buffer.from('Test Using Larger Than Block-Size Key - Hash Key First'),
    '60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54',
  ],
  [
    7,
    Buffer.alloc(131, 0xaa),
    Buffer.from(
      'This is a test using a larger than block-size key and a larger than block-size data. The key needs to be hashed before being used by the HMAC algorithm.',
    ),
    '9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2',
  ],
]

test.each(vectors)('test case %i of RFC 4231 holds', async (_, key, data, digest) => {
  const computed = Buffer.from(await hmacSha256(key)(data)).toString('hex')
  expect(computed).toHaveLength(64)
  expect(computed.slice(0, digest.length)).toBe(digest)
})

test('a key may be used for any number of bodies', async () => {
  const hmac = hmacSha256(Buffer.from('Jefe'))
  await hmac(Buffer.from('something else'))
  const digest = Buffer.from(await hmac(Buffer.from('what do ya want for nothing?'))).toString('hex')
  expect(digest).toBe(vectors[1]?.[3])
})

test.each([0, 1, 63, 64, 65])('a key may have %i bytes', async (bytes) => {
  const key = Buffer.alloc(bytes, 0xab)
  const expected = createHmac('sha256', key).update('what').digest('hex')
  expect(Buffer.from(await hmacSha256(key)(Buffer.from('what'))).toString('hex')).toBe(expected)
})

describe('equalDigests', () => {
  const digest = Uint8Array.from({ length: 32 }, (_, index) => index)

  test('the same 32 bytes are equal', () => {
    expect(equalDigests(digest, Uint8Array.from(digest))).toBe(true)
  })

  test.each([0, 15, 31])('a difference in byte %i is one', (index) => {
    const other = Uint8Array.from(digest)
    other[index] = 255
    expect(equalDigests(digest, other)).toBe(false)
  })

  test.each([20, 64])('digests of %i bytes are compared as well', (length) => {
    const [one, same, other] = [7, 7, 8].map((byte) => new Uint8Array(length).fill(byte)) as [
      Uint8Array,
      Uint8Array,
      Uint8Array,
    ]
    expect(equalDigests(one, same)).toBe(true)
    expect(equalDigests(one, other)).toBe(false)
  })

  test.each([0, 31, 33])('what has %i bytes is equal to nothing, not even to itself', (length) => {
    const other = new Uint8Array(length)
    expect(equalDigests(digest, other)).toBe(false)
    expect(equalDigests(other, digest)).toBe(false)
    expect(equalDigests(other, other)).toBe(false)
  })
})

describe('a prefix', () => {
  test.each([0, 1, 100, 8 * 1024 - 64, 8 * 1024, 100_000])(
    'is signed as if it stood before a body of %i bytes',
    async (bytes) => {
      const hmac = hmacSha256(Buffer.from('Jefe'))
      const body = Buffer.alloc(bytes, 0xe4)
      for (const prefix of ['', '1700000000.', 'größer als 🦖, ein halbes \ud83e.', 'é'.repeat(5000)]) {
        const whole = Buffer.concat([Buffer.from(prefix), body])
        const expected = createHmac('sha256', 'Jefe').update(whole).digest('hex')
        expect(Buffer.from(await hmac(body, prefix)).toString('hex')).toBe(expected)
      }
    },
  )
})

test('the memory of a key may be used again: it is one key for all lengths of content', async () => {
  const [key, reused] = [Buffer.from('a key'), Buffer.from('a key')]
  const hmac = hmacSha256(reused)
  reused.fill(0)
  for (const content of [Buffer.from('short'), Buffer.alloc(100_000)])
    expect(Buffer.from(await hmac(content))).toEqual(createHmac('sha256', key).update(content).digest())
})
