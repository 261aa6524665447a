import { readFormFields } from '../bodies/form.ts'
import { equalDigests } from '../bytes/hmac-sha256.ts'
import { joined } from '../bytes/joined.ts'
import { sha256 } from '../bytes/sha256.ts'
import type { SignatureClaim } from '../contracts/provider.ts'
import type { Hmac, PublicKey, SignatureKey } from '../contracts/secret.ts'
import { type Awaitable, isPromise } from '../time/awaitable.ts'

const encoder = new TextEncoder()
const nothing = new Uint8Array()

/**
 * Whether one of the claimed digests is the body's under a key. All of them are compared, so that the time taken does not tell which came
 * close. The one place where signatures are checked. Answers at once where the platform does.
 */
export function matchesClaim(key: SignatureKey, claim: SignatureClaim, body: Uint8Array): Awaitable<boolean> {
  const isSigned = typeof key === 'function' ? isClaimed(key, claim, body) : isVerified(key, claim, body)
  const { signedBodySha256 } = claim
  return signedBodySha256 === undefined ? isSigned : hasDigest(body, signedBodySha256, isSigned)
}

function isClaimed(hmac: Hmac, claim: SignatureClaim, body: Uint8Array): Awaitable<boolean> {
  const digest = claimedDigest(hmac, claim, body)
  if (digest === undefined) return false
  return isPromise(digest)
    ? digest.then((computed) => isAmong(claim.digests, computed))
    : isAmong(claim.digests, digest)
}

function isAmong(digests: readonly Uint8Array[], computed: Uint8Array): boolean {
  let matches = false
  for (const claimed of digests) matches = equalDigests(computed, claimed) || matches
  return matches
}

async function isVerified(key: PublicKey, claim: SignatureClaim, body: Uint8Array): Promise<boolean> {
  const content = signedContent(claim, body)
  if (content === undefined) return false
  const whole = joined(claim.signedPrefix ?? '', content, claim.signedSuffix)
  let matches = false
  for (const signature of claim.digests) matches = (await key.verify(signature, whole)) || matches
  return matches
}

async function hasDigest(
  body: Uint8Array,
  digest: Uint8Array,
  isSigned: Awaitable<boolean>,
): Promise<boolean> {
  const matches = await isSigned
  return equalDigests(await sha256(body), digest) && matches
}

/** The digest that a claim would have to hold. Undefined for a body that has to be a form, and can't be read as one. */
export function claimedDigest(
  hmac: Hmac,
  claim: SignatureClaim,
  body: Uint8Array,
): Awaitable<Uint8Array> | undefined {
  const { signedPrefix = '', signedSuffix = '' } = claim
  const content = signedContent(claim, body)
  if (content === undefined) return undefined
  return signedSuffix === '' ? hmac(content, signedPrefix) : hmac(joined(signedPrefix, content, signedSuffix))
}

/** What is signed between prefix and suffix. Undefined for a body that has to be a form, and can't be read as one. */
function signedContent(
  { signedFields, signedBodySha256 }: SignatureClaim,
  body: Uint8Array,
): Uint8Array | undefined {
  if (signedBodySha256 !== undefined) return nothing
  if (signedFields === undefined) return body
  const fields = readFormFields(body)
  return fields && encoder.encode(signedFields(fields))
}
