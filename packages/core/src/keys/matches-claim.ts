import { readFormFields } from '../bodies/form.ts'
import { equalDigests } from '../bytes/hmac-sha256.ts'
import { joined } from '../bytes/joined.ts'
import { sha256 } from '../bytes/sha256.ts'
import type { SignatureClaim } from '../contracts/provider.ts'
import type { Hmac, SignatureKey } from '../contracts/secret.ts'

const encoder = new TextEncoder()
const nothing = new Uint8Array()

/**
 * Whether one of the claimed digests is the body's under a key. All of them are compared, so that the time taken does not tell which came
 * close. The one place where signatures are checked.
 */
export async function matchesClaim(
  key: SignatureKey,
  claim: SignatureClaim,
  body: Uint8Array,
): Promise<boolean> {
  const { digests, signedPrefix, signedSuffix, signedBodySha256 } = claim
  let matches = false
  if (typeof key === 'function') {
    const digest = await claimedDigest(key, claim, body)
    if (digest === undefined) return false
    for (const claimed of digests) matches = equalDigests(digest, claimed) || matches
  } else {
    const content = signedContent(claim, body)
    if (content === undefined) return false
    const whole = joined(signedPrefix ?? '', content, signedSuffix)
    for (const claimed of digests) matches = (await key.verify(claimed, whole)) || matches
  }
  if (signedBodySha256 === undefined) return matches
  return equalDigests(await sha256(body), signedBodySha256) && matches
}

/** The digest that a claim would have to hold. Undefined for a body that has to be a form, and can't be read as one. */
export async function claimedDigest(
  hmac: Hmac,
  claim: SignatureClaim,
  body: Uint8Array,
): Promise<Uint8Array | undefined> {
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
