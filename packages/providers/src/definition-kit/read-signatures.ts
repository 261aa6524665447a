import { readBase64Digest, readHexDigest, type SignatureReading } from '@hookport/core'

/** How a digest is written in its header. */
export interface SignatureForm {
  encoding: 'hex' | 'base64'
  /** The text before it. Defaults to nothing. */
  prefix?: string
  /** How many bytes it has. Defaults to 32, a SHA-256 digest. */
  bytes?: number
}

/** Reads a header that contains one digest and nothing else. */
export function readPlainSignature(
  header: string | null | undefined,
  { encoding, prefix = '', bytes = 32 }: SignatureForm,
): SignatureReading {
  if (!header) return 'missing'
  if (!header.startsWith(prefix)) return 'malformed'
  const read = encoding === 'hex' ? readHexDigest : readBase64Digest
  const digest = read(header.slice(prefix.length), { bytes })
  return digest ? { digests: [digest] } : 'malformed'
}

/** The most signatures in one header. No rotation needs more. */
const maxSignatures = 16

/** The text before a digest in such a header. */
export const timedSignaturePrefix = 'v1='

/**
 * Reads a header of the form `t=1700000000,v1=…`: `t` is the time of signing in Unix seconds, each `v1` a hex digest of the time, a full stop and the
 * body. Items with other names are skipped, and so are those behind a blank, as Stripe's own library does.
 *
 * @param maxAge how old the signature may be, in milliseconds.
 */
export function readTimedSignature(header: string | null | undefined, maxAge: number): SignatureReading {
  if (!header) return 'missing'
  const items = header.split(',')
  if (items.length > maxSignatures) return 'malformed'
  const [timestamp = '', ...surplus] = valuesOf(items, 't=')
  const signedAt = readUnixTimestamp(timestamp)
  const digests = valuesOf(items, timedSignaturePrefix)
    .map((text) => readHexDigest(text))
    .filter((digest) => digest !== undefined)
  if (signedAt === undefined || surplus.length > 0 || digests.length === 0) return 'malformed'
  return { digests, signedPrefix: `${timestamp}.`, signedAt, maxAge }
}

function valuesOf(items: readonly string[], name: string): string[] {
  return items.filter((item) => item.startsWith(name)).map((item) => item.slice(name.length))
}

/** Parses Unix seconds into milliseconds since 1970. Undefined for any other text. */
export function readUnixTimestamp(text: string): number | undefined {
  return /^\d{1,11}$/.test(text) ? Number(text) * 1000 : undefined
}
