import { digestBytes } from './hmac-sha256.ts'

const hexDigits = /^(?:[0-9a-f]{2})+$/
const base64Digits = /^[A-Za-z0-9+/]+={0,2}$/

/** The lengths of other digests than SHA-256: 20 for SHA-1, 64 for SHA-512 and Ed25519. */
interface DigestLength {
  bytes?: number
}

/**
 * Decodes lower-case hex digits. Undefined for any other text.
 *
 * @param options how many `bytes` there must be. Defaults to 32, a SHA-256 digest.
 */
export function readHexDigest(
  text: string,
  { bytes = digestBytes }: DigestLength = {},
): Uint8Array | undefined {
  return text.length === 2 * bytes && hexDigits.test(text) ? decodeHex(text) : undefined
}

/**
 * Decodes standard base64 with padding. Undefined for any other text, and where an encoder would have written the bytes differently, so that there is
 * only one way to write a digest.
 *
 * @param options as in `readHexDigest`.
 */
export function readBase64Digest(
  text: string,
  { bytes = digestBytes }: DigestLength = {},
): Uint8Array | undefined {
  if (text.length !== 4 * Math.ceil(bytes / 3)) return undefined
  const digest = readBase64(text)
  return digest?.length === bytes ? digest : undefined
}

/** The same, for a signature without a fixed length, such as an ECDSA signature. */
export function readBase64(text: string): Uint8Array | undefined {
  if (!base64Digits.test(text) || text.length % 4 !== 0) return undefined
  const bytes = decodeBase64Text(text)
  return encodeBase64(bytes) === text ? bytes : undefined
}

/** @throws {Error} if the text is not base64. */
export function decodeBase64(text: string): Uint8Array {
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0))
}

/** Encodes as lower-case hex digits. */
export function encodeHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}

export const encodeBase64: (bytes: Uint8Array) => string =
  typeof Buffer === 'function'
    ? ({ buffer, byteOffset, length }) => Buffer.from(buffer, byteOffset, length).toString('base64')
    : (bytes) => btoa(String.fromCharCode(...bytes))

/** Node's Buffer takes its bytes from a pool. Edge runtimes may have no Buffer. */
const decodeHex: (text: string) => Uint8Array =
  typeof Buffer === 'function' ? (text) => Buffer.from(text, 'hex') : decodeHexByHand

const decodeBase64Text: (text: string) => Uint8Array =
  typeof Buffer === 'function' ? (text) => Buffer.from(text, 'base64') : decodeBase64

function decodeHexByHand(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length / 2)
  for (let index = 0; index < bytes.length; index++) {
    bytes[index] = Number.parseInt(text.slice(2 * index, 2 * index + 2), 16)
  }
  return bytes
}
