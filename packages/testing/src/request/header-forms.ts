import { createHash } from 'node:crypto'
import type { SignatureAlgorithm } from '@hookport/core'

type Encoding = 'hex' | 'base64' | 'base64url'

/** One way in which a sender may write the headers of a signature. */
export interface HeaderForm {
  readonly encoding: Encoding
  /** The value of the digest's header, given the text of the digest. */
  around(digest: string, seconds: number): string
  /** The value of a separate header with the time. */
  time(ms: number): string
}

const encodings: readonly Encoding[] = ['hex', 'base64', 'base64url']

/** The known prefixes of digests. */
const prefixes = ['', 'sha256=', 'sha1=', 'sha512=', 'v0=', 'v1=', 'v1,', 'v1a,', 'h1='] as const

const surroundings: readonly ((prefix: string) => HeaderForm['around'])[] = [
  (prefix) => (digest) => prefix + digest,
  (prefix) => (digest, seconds) => `t=${seconds},${prefix}${digest}`,
  (prefix) => (digest, seconds) => `ts=${seconds};${prefix}${digest}`,
]

const times: readonly HeaderForm['time'][] = [
  (ms) => String(Math.floor(ms / 1000)),
  (ms) => String(Math.floor(ms)),
  (ms) => new Date(ms).toISOString(),
]

/** All forms to try, the likelier ones first. */
export function* headerForms(prefix: string): Generator<HeaderForm> {
  for (const time of times) {
    for (const surrounding of surroundings) {
      for (const before of new Set([prefix, ...prefixes])) {
        for (const encoding of encodings) yield { encoding, around: surrounding(before), time }
      }
    }
  }
}

const digestBytes: Readonly<Record<SignatureAlgorithm, number>> = {
  'hmac-sha1': 20,
  'hmac-sha256': 32,
  'hmac-sha512': 64,
  ed25519: 64,
  'ecdsa-p256': 71,
}

/** Placeholder bytes for the digest. Those of ECDSA have the form of DER. */
export function standIn(algorithm: SignatureAlgorithm): Buffer {
  const bytes = Buffer.alloc(digestBytes[algorithm], 0x5a)
  if (algorithm === 'ecdsa-p256') {
    bytes.set([0x30, 69, 0x02, 33, 0x00])
    bytes.set([0x02, 32], 37)
  }
  return bytes
}

/** A likely value of a header beside the digest, by its name. */
export function besideDigest(
  name: string,
  event: { id: string; at: number; body: Uint8Array },
  form: HeaderForm,
): string {
  if (/time|date|stamp/.test(name)) return form.time(event.at)
  if (/sha-?256|digest/.test(name)) return createHash('sha256').update(event.body).digest('hex')
  return event.id
}
