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
