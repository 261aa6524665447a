import { equalDigests } from '../bytes/hmac-sha256.ts'
import type { SignatureClaim } from '../contracts/provider.ts'
import type { Hmac } from '../contracts/secret.ts'
import type { Suspect } from './suspect.ts'
import type { TimeLimit } from './time-limit.ts'

/** The causes that have to be undone for a signature to match. None: it matches as it is. */
export type Match = Pick<Suspect<unknown>, 'causes' | 'detail'>

interface Search {
  readonly signatures: readonly Suspect<SignatureClaim>[]
  readonly keys: readonly Suspect<Hmac>[]
  readonly bodies: Iterable<Suspect<Uint8Array>>
  /** How many causes it takes. */
  readonly count: number
  readonly limit: TimeLimit
}

/** The first combination of suspects with so many causes under which the signature matches; undefined when the time is over, too. */
export async function findMatch(search: Search): Promise<Match | undefined> {
  for (const { signature, key, digestOf, causes } of combinations(search)) {
    if (search.limit.isOver) return undefined
    const { digests, signedPrefix = '' } = signature.value
    const expected = await digestOf(signedPrefix)
    if (!digests.some((digest) => equalDigests(expected, digest))) continue
    const detail = signature.detail ?? key.detail
    return { causes, ...(detail !== undefined && { detail }) }
  }
  return undefined
}

function* combinations({ signatures, keys, bodies, count }: Search) {
  for (const body of bodies) {
    if (body.causes.length > count) continue
    for (const key of keys) {
      const digestOf = digestsUnder(key.value, body.value)
      for (const signature of signatures) {
        const causes = [...signature.causes, ...key.causes, ...body.causes]
        if (causes.length === count) yield { signature, key, digestOf, causes }
      }
    }
  }
}

/** The digest of a body under a key, computed once for each prefix: many signatures may be tried. */
function digestsUnder(
  hmac: Hmac,
  body: Uint8Array,
): (signedPrefix: string) => Uint8Array | Promise<Uint8Array> {
  const computed = new Map<string, Uint8Array | Promise<Uint8Array>>()
  return (signedPrefix) => {
    const digest = computed.get(signedPrefix) ?? hmac(body, signedPrefix)
    computed.set(signedPrefix, digest)
    return digest
  }
}
