import type { SignatureClaim } from '../contracts/provider/provider.ts'
import type { SignatureKey } from '../contracts/provider/secret.ts'
import { matchesClaim } from '../keys/matches-claim.ts'
import type { Suspect } from './suspects/suspect.ts'
import type { TimeLimit } from './time-limit.ts'

/** The causes that must be undone for a signature to match. Empty: it matches unchanged. */
export type Match = Pick<Suspect<unknown>, 'causes' | 'detail'>

interface Search {
  readonly signatures: readonly Suspect<SignatureClaim>[]
  readonly keys: readonly Suspect<SignatureKey>[]
  readonly bodies: Iterable<Suspect<Uint8Array>>
  /** The number of causes. */
  readonly count: number
  readonly limit: TimeLimit
}

/** The first combination of this many suspects with which the signature matches. Undefined if there is none, or the time is over. */
export async function findMatch(search: Search): Promise<Match | undefined> {
  for (const { signature, key, body, causes } of combinations(search)) {
    if (search.limit.isOver) return undefined
    if (!(await matchesClaim(key.value, signature.value, body.value))) continue
    const detail = signature.detail ?? key.detail
    return { causes, ...(detail !== undefined && { detail }) }
  }
  return undefined
}

function* combinations({ signatures, keys, bodies, count }: Search) {
  for (const body of bodies) {
    if (body.causes.length > count) continue
    for (const { value, ...suspicion } of keys) {
      const key = { ...suspicion, value: remembering(value, body.value) }
      for (const signature of signatures) {
        const causes = [...signature.causes, ...key.causes, ...body.causes]
        if (causes.length === count) yield { signature, key, body, causes }
      }
    }
  }
}

/** The key, which computes its digest of a body once for each prefix, as many signatures may be tried. */
function remembering(key: SignatureKey, body: Uint8Array): SignatureKey {
  if (typeof key !== 'function') return key
  const computed = new Map<string, Uint8Array | Promise<Uint8Array>>()
  return (content, prefix = '') => {
    if (content !== body) return key(content, prefix)
    const digest = computed.get(prefix) ?? key(body, prefix)
    computed.set(prefix, digest)
    return digest
  }
}
