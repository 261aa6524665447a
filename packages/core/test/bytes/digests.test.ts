import { afterEach, describe, expect, test, vi } from 'vitest'

const bytesOf = (first: number) => Uint8Array.from({ length: 32 }, (_, index) => (first + 7 * index) % 256)
const samples = [0, 1, 100, 249].map((first) => {
  const bytes = bytesOf(first)
  const buffer = Buffer.from(bytes)
  return { bytes, hex: buffer.toString('hex'), base64: buffer.toString('base64') }
})

afterEach(() => {
  vi.unstubAllGlobals()
  vi.resetModules()
})

describe.each(['with Buffer', 'without Buffer, as on edge runtimes'])('%s', (where) => {
  /** The module as it loads there. */
  async function digests() {
    vi.resetModules()
    if (where !== 'with Buffer') vi.stubGlobal('Buffer', undefined)
    return import('../../src/bytes/digests.ts')
  }

  test('hex digits and base64 stand for the same 32 bytes', async () => {
    const { readHexDigest, readBase64Digest, decodeBase64, encodeHex, encodeBase64 } = await digests()
    const read = samples.map(({ hex, base64 }) => [
      readHexDigest(hex),
      readBase64Digest(base64),
      decodeBase64(base64),
    ])
    const written = samples.map(({ bytes }) => ({ hex: encodeHex(bytes), base64: encodeBase64(bytes) }))
    vi.unstubAllGlobals()
    expect(written).toEqual(samples.map(({ hex, base64 }) => ({ hex, base64 })))
    for (const [index, { bytes }] of samples.entries()) {
      for (const one of read[index] ?? []) expect(Uint8Array.from(one ?? [])).toEqual(bytes)
    }
  })

  test('hex and base64 of another length stand for so many bytes, and are no digest of 32', async () => {
    const { readHexDigest, readBase64Digest } = await digests()
    const [{ hex = '', base64 = '' } = {}] = samples
    const read = [
      readHexDigest(hex.slice(0, 40), { bytes: 20 }),
      readBase64Digest(base64.slice(0, 40), { bytes: 30 }),
    ]
    const others = [
      readHexDigest(hex, { bytes: 20 }),
      readHexDigest(hex.slice(0, 40)),
      readBase64Digest(base64, { bytes: 30 }),
      readBase64Digest(base64, { bytes: 31 }), // as many characters
      readBase64Digest(base64, { bytes: 33 }),
    ]
    vi.unstubAllGlobals()
    expect(read.map((digest) => digest?.length)).toEqual([20, 30])
    expect(others).toEqual(Array(5).fill(undefined))
  })

  test('text that is no base64 is not read, whatever an ignoring decoder would make of it', async () => {
    const { readBase64 } = await digests()
    const read = [
      'QUJD',
      'QUI=',
      'QQ==',
      'QUJDRA==',
      'QUJDR',
      'QUJD=',
      '=QUJ',
      'QU J',
      'QUJ-',
      'QUJD\n',
      ' QUJD',
      'QQ==QQ==',
      'QR==',
    ].map((text) => readBase64(text)?.length)
    vi.unstubAllGlobals()
    expect(read).toEqual([3, 2, 1, 4, ...Array(9).fill(undefined)])
  })

  test('base64 that is short, long, unpadded, of another alphabet or written in a second way is no digest', async () => {
    const { readBase64Digest } = await digests()
    const [{ base64 = '' } = {}] = samples
    const others = [
      '',
      base64.slice(1),
      `${base64}=`,
      `A${base64}`,
      base64.slice(0, -1),
      `-${base64.slice(1)}`,
    ]
    const sameBytes = `${base64.slice(0, 42)}${String.fromCharCode(base64.charCodeAt(42) + 1)}=`
    expect([...others, sameBytes].map((text) => readBase64Digest(text))).toEqual(Array(7).fill(undefined))
  })
})
