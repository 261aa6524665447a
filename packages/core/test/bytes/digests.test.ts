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
    const { readHexDigest, readBase64Digest, decodeBase64 } = await digests()
    const read = samples.map(({ hex, base64 }) => [
      readHexDigest(hex),
      readBase64Digest(base64),
      decodeBase64(base64),
    ])
    vi.unstubAllGlobals()
    for (const [index, { bytes }] of samples.entries()) {
      for (const one of read[index] ?? []) expect(Uint8Array.from(one ?? [])).toEqual(bytes)
    }
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
