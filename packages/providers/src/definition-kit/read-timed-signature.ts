import { readHexDigest, type SignatureReading } from '@hookport/core'
import { readUnixTimestamp } from './read-unix-timestamp.ts'

/** The most signatures in one header. No rotation needs more. */
const maxSignatures = 16

/** The text before a digest in such a header. */
export const timedSignaturePrefix = 'v1='

/**
 * Reads a header of the form `t=1700000000,v1=…`: `t` is the time of signing in Unix seconds, each `v1` a hex digest of the time, a full stop and the
 * body. Items with other names are skipped.
 *
 * @param maxAge how old the signature may be, in milliseconds.
 */
export function readTimedSignature(header: string | null | undefined, maxAge: number): SignatureReading {
  if (!header) return 'missing'
  const items = header.split(',').map((item) => item.trim())
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
