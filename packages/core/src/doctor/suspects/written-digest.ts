import { decodeBase64, encodeBase64, encodeHex, readHexDigest } from '../../bytes/digests.ts'

type Encoding = 'hex' | 'base64' | 'base64url'

/** A digest or signature, and how it is written. */
export interface WrittenDigest {
  readonly text: string
  readonly prefix: string
  readonly encoding: Encoding
  readonly upperCase: boolean
  /** Whether it has quotation marks or white space around it. */
  readonly quoted: boolean
  /** Whether anything follows it, such as the same one again, where a proxy sent the header twice. */
  readonly followed: boolean
  readonly digest: Uint8Array
}

/** The first digest of so many bytes in a header's value, in hex of either case or base64 of either alphabet. */
export function findDigest(value: string, bytes: number): WrittenDigest | undefined {
  const hexToken = new RegExp(`(?<=^|[^0-9a-z]|\\b0x)[0-9a-f]{${2 * bytes}}(?![0-9a-z])`, 'i')
  const padding = '='.repeat((3 - (bytes % 3)) % 3)
  const base64Token = new RegExp(`(?<![\\w+/-])[\\w+/-]{${Math.ceil((8 * bytes) / 6)}}(?:${padding}|$)`)
  const text = value.trim().replace(/^(["'`])(.*)\1$/, '$2')
  const quoted = text !== value
  const hex = hexToken.exec(text)
  if (hex) {
    const digest = readHexDigest(hex[0].toLowerCase(), { bytes })
    const upperCase = /[A-F]/.test(hex[0])
    return digest && { ...around(text, hex), encoding: 'hex', upperCase, quoted, digest }
  }
  const base64 = base64Token.exec(text)
  const digest = base64 ? decoded(base64[0], bytes) : undefined
  if (!base64 || !digest) return undefined
  const encoding = /[-_]/.test(base64[0]) || !base64[0].endsWith(padding) ? 'base64url' : 'base64'
  return { ...around(text, base64), encoding, upperCase: false, quoted, digest }
}

function around(text: string, { 0: digits, index }: RegExpExecArray) {
  return { text, prefix: text.slice(0, index), followed: index + digits.length < text.length }
}

/** The same digest as the provider might accept it, in either encoding. The smallest changes come first. */
export function formsOf(found: WrittenDigest, signaturePrefix: string): WrittenDigest[] {
  const form = (prefix: string, encoding: Encoding, digits: string): WrittenDigest => ({
    ...found,
    text: prefix + digits,
    prefix,
    encoding,
    upperCase: false,
    quoted: false,
    followed: false,
  })
  const prefixes = [...new Set([found.prefix, '', signaturePrefix])]
  return prefixes.flatMap((prefix) => {
    const forms = [
      form(prefix, 'hex', encodeHex(found.digest)),
      form(prefix, 'base64', encodeBase64(found.digest)),
    ]
    return found.encoding === 'hex' ? forms : forms.reverse()
  })
}

function decoded(text: string, length: number): Uint8Array | undefined {
  try {
    const bytes = decodeBase64(text.replace(/-/g, '+').replace(/_/g, '/'))
    return bytes.length === length ? bytes : undefined
  } catch {
    return undefined
  }
}
