import { readFormFields } from '../bodies/read-payload.ts'
import { equalDigests } from '../bytes/hmac-sha256.ts'
import { joined } from '../bytes/joined.ts'
import { sha256 } from '../bytes/sha256.ts'
import type { SignatureClaim } from '../contracts/provider/provider.ts'
import type { Hmac, PublicKey, SignatureKey } from '../contracts/provider/secret.ts'
import { type Awaitable, isPromise } from '../time/awaitable.ts'

const encoder = new TextEncoder()
const nothing = new Uint8Array()

/**
 * Whether one of the claimed digests matches the body under a key. All of them are compared, so that the time does not show which one matched. This
 * is the only place where signatures are checked. Answers synchronously where the platform can.
 */
export function matchesClaim(key: SignatureKey, claim: SignatureClaim, body: Uint8Array): Awaitable<boolean> {
  const content = signedContent(claim, body)
  if (content === undefined) return false
  const { signedBodySha256, otherSignedPrefixes } = claim
  const isSigned =
    otherSignedPrefixes === undefined || otherSignedPrefixes.length === 0
      ? isSignedOver(key, claim, content)
      : matchingPrefix(key, claim, content).then((prefix) => prefix !== undefined)
  return signedBodySha256 === undefined ? isSigned : hasDigest(body, signedBodySha256, isSigned)
}

/** What was signed, among the alternatives of a claim. Undefined where none matches. */
export async function signedText(
  key: SignatureKey,
  claim: SignatureClaim,
  body: Uint8Array,
): Promise<Uint8Array | undefined> {
  const content = signedContent(claim, body)
  const prefix = content && (await matchingPrefix(key, claim, content))
  return content && prefix !== undefined ? joined(prefix, content, claim.signedSuffix) : undefined
}

/** Everything that may have been signed. Empty where the body can't be what the claim allows. */
export function signableTexts(claim: SignatureClaim, body: Uint8Array): readonly Uint8Array[] {
  const content = signedContent(claim, body)
  return content ? prefixesOf(claim).map((prefix) => joined(prefix, content, claim.signedSuffix)) : []
}

async function matchingPrefix(
  key: SignatureKey,
  claim: SignatureClaim,
  content: Uint8Array,
): Promise<string | undefined> {
  const prefixes = prefixesOf(claim)
  const matches = prefixes.map((signedPrefix) => isSignedOver(key, { ...claim, signedPrefix }, content))
  return prefixes[(await Promise.all(matches)).indexOf(true)]
}

function prefixesOf({ signedPrefix = '', otherSignedPrefixes = [] }: SignatureClaim): readonly string[] {
  return [signedPrefix, ...otherSignedPrefixes]
}

/** Whether it is signed with the first prefix of a claim. */
function isSignedOver(key: SignatureKey, claim: SignatureClaim, content: Uint8Array): Awaitable<boolean> {
  return typeof key === 'function' ? isClaimed(key, claim, content) : isVerified(key, claim, content)
}

function isClaimed(hmac: Hmac, claim: SignatureClaim, content: Uint8Array): Awaitable<boolean> {
  const digest = digestOver(hmac, claim, content)
  return isPromise(digest)
    ? digest.then((computed) => isAmong(claim.digests, computed))
    : isAmong(claim.digests, digest)
}

function isAmong(digests: readonly Uint8Array[], computed: Uint8Array): boolean {
  let matches = false
  for (const claimed of digests) matches = equalDigests(computed, claimed) || matches
  return matches
}

async function isVerified(key: PublicKey, claim: SignatureClaim, content: Uint8Array): Promise<boolean> {
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

/** The digest that a claim should contain, computed with its first prefix. Undefined where the body must be a form and can't be read as one. */
export function claimedDigest(
  hmac: Hmac,
  claim: SignatureClaim,
  body: Uint8Array,
): Awaitable<Uint8Array> | undefined {
  const content = signedContent(claim, body)
  return content && digestOver(hmac, claim, content)
}

function digestOver(
  hmac: Hmac,
  { signedPrefix = '', signedSuffix = '' }: SignatureClaim,
  content: Uint8Array,
): Awaitable<Uint8Array> {
  return signedSuffix === '' ? hmac(content, signedPrefix) : hmac(joined(signedPrefix, content, signedSuffix))
}

/** What is signed between prefix and suffix. */
function signedContent(
  { signedFields, signedBodySha256 }: SignatureClaim,
  body: Uint8Array,
): Uint8Array | undefined {
  if (signedBodySha256 !== undefined) return nothing
  if (signedFields === undefined) return body
  const fields = readFormFields(body)
  const text = fields && signedFields(fields)
  return text === undefined ? undefined : encoder.encode(text)
}
