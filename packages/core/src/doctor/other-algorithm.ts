import { encodeBase64, encodeHex } from '../bytes/digests.ts'
import type { HeaderReader } from '../contracts/delivery.ts'
import type { SignatureClaim, SignatureScheme } from '../contracts/provider/provider.ts'
import type { Hmac } from '../contracts/provider/secret.ts'
import { claimedDigest } from '../keys/matches-claim.ts'
import { signatureAlgorithms } from '../keys/signature-key.ts'
import { claimOf } from './suspects/suspect-signatures.ts'
import type { TimeLimit } from './time-limit.ts'

const hmacs = ['hmac-sha1', 'hmac-sha256', 'hmac-sha512'] as const
const encodings = [encodeHex, encodeBase64]

/** The digits at the end of a header. They are looked for from where they begin, and from nowhere else: a long header is read once. */
const lastDigits = /(?<![A-Za-z0-9+/])[A-Za-z0-9+/]+=*$/

/** The algorithm with which a header has the right signature, which the definition does not name, or whose digests it does not read. Undefined where there is none. */
export async function findOtherAlgorithm(
  scheme: SignatureScheme,
  headers: HeaderReader,
  body: Uint8Array,
  keys: readonly Uint8Array[],
  limit: TimeLimit,
): Promise<string | undefined> {
  if (signatureAlgorithms[scheme.algorithm].isPublic) return undefined
  const claims = readableClaims(scheme, headers)
  const signers = hmacs.flatMap((algorithm) =>
    keys.map((key) => ({ algorithm, hmac: signatureAlgorithms[algorithm].makeKey(key) as Hmac })),
  )
  for (const { algorithm, hmac } of signers) {
    for (const { digits, claim } of claims) {
      if (limit.isOver) return undefined
      const digest = await claimedDigest(hmac, claim, body)
      if (digest && encodings.some((encode) => encode(digest) === digits)) return algorithm
    }
  }
  return undefined
}

interface ReadableClaim {
  /** As they are in the header. */
  readonly digits: string
  readonly claim: SignatureClaim
}

/** What the headers claim with a blank digest of any algorithm in place of the digits. The definition reads one of them, and says what was signed. */
function readableClaims(
  { signatureHeaders, readSignature }: SignatureScheme,
  headers: HeaderReader,
): ReadableClaim[] {
  const blanks = hmacs.map((algorithm) => new Uint8Array(signatureAlgorithms[algorithm].digestBytes ?? 0))
  const written = encodings.flatMap((encode) => blanks.map(encode))
  return signatureHeaders.flatMap((name) => {
    const value = headers.get(name) ?? ''
    const [digits = ''] = lastDigits.exec(value) ?? []
    return written.flatMap((blank) => {
      const filled = value.slice(0, value.length - digits.length) + blank
      const claim = claimOf(readSignature, { get: (asked) => (asked === name ? filled : headers.get(asked)) })
      return claim ? [{ digits, claim }] : []
    })
  })
}
