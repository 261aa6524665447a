import { encodeBase64, encodeHex } from '../bytes/digests.ts'
import type { HeaderReader } from '../contracts/delivery.ts'
import type { SignatureClaim, SignatureScheme } from '../contracts/provider/provider.ts'
import type { SignatureKey } from '../contracts/provider/secret.ts'
import { claimedDigest } from '../keys/matches-claim.ts'
import { signatureAlgorithms } from '../keys/signature-key.ts'
import type { Suspect } from './suspects/suspect.ts'
import { claimOf } from './suspects/suspect-signatures.ts'
import type { TimeLimit } from './time-limit.ts'

/** Fewer digits prove nothing: they may be equal by chance. */
const minDigits = 8

/** From where they begin, and from nowhere else: a long header of digits that do not end it is read once. */
const lastDigits = /(?<![A-Za-z0-9+/])[A-Za-z0-9+/]+$/

interface CutOff {
  /** The digits that are left. */
  readonly digits: string
  readonly write: (digest: Uint8Array) => string
  /** What the headers claim once the digits are filled up. */
  readonly claim: SignatureClaim
}

/** Whether a header holds the beginning of the right signature. */
export async function isCutOffSignature(
  scheme: SignatureScheme,
  headers: HeaderReader,
  body: Uint8Array,
  keys: readonly Suspect<SignatureKey>[],
  limit: TimeLimit,
): Promise<boolean> {
  const hmacs = keys.flatMap(({ value, causes }) =>
    causes.length === 0 && typeof value === 'function' ? [value] : [],
  )
  for (const { digits, write, claim } of cutOffs(scheme, headers)) {
    for (const hmac of hmacs) {
      if (limit.isOver) return false
      const digest = await claimedDigest(hmac, claim, body)
      const whole = digest === undefined ? digits : write(digest)
      if (whole !== digits && whole.startsWith(digits)) return true
    }
  }
  return false
}

/** Whether a header holds fewer digits than any signature with a key pair has. Whether they are the beginning of the right one can't be proven. */
export function hasShortSignature(scheme: SignatureScheme, headers: HeaderReader): boolean {
  if (!signatureAlgorithms[scheme.algorithm].isPublic) return false
  return claimOf(scheme.readSignature, headers) === undefined && cutOffs(scheme, headers).length > 0
}

/**
 * Fills the last digits of a header up to a whole digest, in hex and in base64. If the provider can then read the header, the claim says what was
 * signed, including the text before the body.
 */
function cutOffs(
  { algorithm, signatureHeaders, readSignature }: SignatureScheme,
  headers: HeaderReader,
): CutOff[] {
  /** Zeros, in place of the missing bytes. */
  const blank = new Uint8Array(signatureAlgorithms[algorithm].digestBytes ?? 0)
  return signatureHeaders.flatMap((name) => {
    const value = headers.get(name) ?? ''
    const [digits = ''] = lastDigits.exec(value) ?? []
    if (digits.length < minDigits) return []
    return [encodeHex, encodeBase64].flatMap((write) => {
      const filled = value + write(blank).slice(digits.length)
      const claim = claimOf(readSignature, { get: (asked) => (asked === name ? filled : headers.get(asked)) })
      return claim ? [{ digits, write, claim }] : []
    })
  })
}
