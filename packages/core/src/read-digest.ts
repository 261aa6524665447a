import { digestBytes } from './hmac-sha256.ts'

const hexDigest = /^[0-9a-f]{64}$/

/** The 32 bytes that 64 lower-case hex digits stand for; undefined for anything else. */
export function readHexDigest(text: string): Uint8Array | undefined {
  if (!hexDigest.test(text)) return undefined
  const digest = new Uint8Array(digestBytes)
  for (let index = 0; index < digestBytes; index++) {
    digest[index] = (hexValue(text.charCodeAt(2 * index)) << 4) | hexValue(text.charCodeAt(2 * index + 1))
  }
  return digest
}

function hexValue(charCode: number): number {
  return charCode <= 57 ? charCode - 48 : charCode - 87
}
