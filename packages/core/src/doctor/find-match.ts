import { equalDigests } from '../bytes/hmac-sha256.ts'
import type { SignatureClaim } from '../contracts/provider.ts'
import type { Hmac } from '../contracts/secret.ts'
import type { Suspect } from './suspect.ts'

/** The causes that have to be undone for a signature to match. None: it matches as it is. */
export type Match = Pick<Suspect<unknown>, 'causes' | 'detail'>

/** The first combination of suspects with so many causes under which the signature matches. */
export async function findMatch(
  signatures: readonly Suspect<SignatureClaim>[],
  keys: readonly Suspect<Hmac>[],
  bodies: readonly Suspect<Uint8Array>[],
  count: number,
): Promise<Match | undefined> {
  for (const signature of signatures) {
    for (const key of keys) {
      for (const body of bodies) {
        const causes = [...signature.causes, ...key.causes, ...body.causes]
        if (causes.length !== count || !(await matches(signature.value, key.value, body.value))) continue
        const detail = signature.detail ?? key.detail
        return { causes, ...(detail !== undefined && { detail }) }
      }
    }
  }
  return undefined
}

async function matches(claim: SignatureClaim, hmac: Hmac, body: Uint8Array): Promise<boolean> {
  const expected = await hmac(body, claim.signedPrefix)
  return claim.digests.some((digest) => equalDigests(expected, digest))
}
