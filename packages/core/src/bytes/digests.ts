import { digestBytes } from './hmac-sha256.ts'

const hexDigest = /^[0-9a-f]{64}$/
/** Of the last digit only four bits count; the others are 0, so that a digest is written in one way only. */
const base64Digest = /^[A-Za-z0-9+/]{42}[AEIMQUYcgkosw048]=$/

/** The 32 bytes that 64 lower-case hex digits stand for; undefined for anything else. */
export function readHexDigest(text: string): Uint8Array | undefined {
  return hexDigest.test(text) ? decodeHex(text) : undefined
}

/** The 32 bytes that 44 characters of standard base64, padding included, stand for; undefined for anything else. */
export function readBase64Digest(text: string): Uint8Array | undefined {
  return base64Digest.test(text) ? decodeBase64Digest(text) : undefined
}

/** @throws {Error} if the text is not base64. */
export function decodeBase64(text: string): Uint8Array {
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0))
}

/** Node's takes its bytes from a pool. Edge runtimes may have no Buffer. */
const decodeHex: (text: string) => Uint8Array =
  typeof Buffer === 'function' ? (text) => Buffer.from(text, 'hex') : decodeHexByHand

const decodeBase64Digest: (text: string) => Uint8Array =
  typeof Buffer === 'function' ? (text) => Buffer.from(text, 'base64') : decodeBase64

function decodeHexByHand(text: string): Uint8Array {
  const digest = new Uint8Array(digestBytes)
  for (let index = 0; index < digestBytes; index++) {
    digest[index] = Number.parseInt(text.slice(2 * index, 2 * index + 2), 16)
  }
  return digest
}
