import { decodeBase64, readHexDigest } from '../bytes/digests.ts'
import { digestBytes } from '../bytes/hmac-sha256.ts'

/** A SHA-256 digest, and how it is written. */
export interface WrittenDigest {
  readonly text: string
  readonly prefix: string
  readonly encoding: 'hex' | 'base64'
  readonly upperCase: boolean
  /** Quotation marks or white space around it. */
  readonly quoted: boolean
  readonly digest: Uint8Array
}

const hexToken = /(?<![0-9a-z])[0-9a-f]{64}(?![0-9a-z])/i
const base64Token = /(?<![\w+/-])[\w+/-]{43}(?:=|$)/

/** The first digest that a header's value holds, in hex of either case or base64 of either alphabet. */
export function findDigest(value: string): WrittenDigest | undefined {
  const text = value.trim().replace(/^(["'`])(.*)\1$/, '$2')
  const quoted = text !== value
  const hex = hexToken.exec(text)
  if (hex) {
    const digest = readHexDigest(hex[0].toLowerCase())
    const upperCase = /[A-F]/.test(hex[0])
    return digest && { text, prefix: text.slice(0, hex.index), encoding: 'hex', upperCase, quoted, digest }
  }
  const base64 = base64Token.exec(text)
  const digest = base64 ? decoded(base64[0]) : undefined
  if (!base64 || !digest) return undefined
  return { text, prefix: text.slice(0, base64.index), encoding: 'base64', upperCase: false, quoted, digest }
}

/** The same digest as providers write it. Those that change least come first. */
export function formsOf(found: WrittenDigest): WrittenDigest[] {
  const hex = [...found.digest].map((byte) => byte.toString(16).padStart(2, '0')).join('')
  const base64 = btoa(String.fromCharCode(...found.digest))
  const form = (encoding: 'hex' | 'base64', prefix: string): WrittenDigest => ({
    ...found,
    text: prefix + (encoding === 'hex' ? hex : base64),
    encoding,
    prefix,
    upperCase: false,
    quoted: false,
  })
  const prefixes = [...new Set([found.prefix, '', 'sha256=', 'v1=', 'v1,'])]
  return prefixes.flatMap((prefix) => [form(found.encoding, prefix), form(otherThan(found.encoding), prefix)])
}

function otherThan(encoding: 'hex' | 'base64'): 'hex' | 'base64' {
  return encoding === 'hex' ? 'base64' : 'hex'
}

function decoded(text: string): Uint8Array | undefined {
  try {
    const bytes = decodeBase64(text.replace(/-/g, '+').replace(/_/g, '/'))
    return bytes.length === digestBytes ? bytes : undefined
  } catch {
    return undefined
  }
}
