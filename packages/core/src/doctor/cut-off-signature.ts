import { digestBytes } from '../bytes/hmac-sha256.ts'
import type { HeaderReader } from '../contracts/delivery.ts'
import type { SignatureClaim, SignatureScheme } from '../contracts/provider.ts'
import type { Hmac } from '../contracts/secret.ts'
import type { Suspect } from './suspect.ts'
import { claimOf } from './suspect-signatures.ts'
import { toBase64, toHex } from './written-digest.ts'

/** Fewer digits prove nothing: they may be equal by chance. */
const minDigits = 8

const lastDigits = /[A-Za-z0-9+/]+$/

/** A digest of zeros: it stands in for what is missing. */
const blank = new Uint8Array(digestBytes)

interface CutOff {
  /** The digits that are left. */
  readonly digits: string
  readonly write: (digest: Uint8Array) => string
  /** What the headers claim with the digits filled up. */
  readonly claim: SignatureClaim
}

/** Whether a header holds the beginning of the right signature. */
export async function isCutOffSignature(
  scheme: SignatureScheme,
  headers: HeaderReader,
  body: Uint8Array,
  keys: readonly Suspect<Hmac>[],
): Promise<boolean> {
  for (const { digits, write, claim } of cutOffs(scheme, headers)) {
    for (const { value: hmac } of keys.filter(({ causes }) => causes.length === 0)) {
      const whole = write(await hmac(body, claim.signedPrefix))
      if (whole !== digits && whole.startsWith(digits)) return true
    }
  }
  return false
}

/**
 * Fills the last digits of a header up to a whole digest, in hex and in base64. Where the provider can read the header then, the
 * claim tells what was signed: the text ahead of the body, too.
 */
function cutOffs({ signatureHeaders, readSignature }: SignatureScheme, headers: HeaderReader): CutOff[] {
  return signatureHeaders.flatMap((name) => {
    const value = headers.get(name) ?? ''
    const [digits = ''] = lastDigits.exec(value) ?? []
    if (digits.length < minDigits) return []
    return [toHex, toBase64].flatMap((write) => {
      const filled = value + write(blank).slice(digits.length)
      const claim = claimOf(readSignature, { get: (asked) => (asked === name ? filled : headers.get(asked)) })
      return claim ? [{ digits, write, claim }] : []
    })
  })
}
