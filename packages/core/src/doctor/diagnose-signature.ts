import { equalDigests, hmacSha256 } from '../bytes/hmac-sha256.ts'
import { decodeJson } from '../bytes/json.ts'
import { decodeUtf8Secret } from '../bytes/utf-8.ts'
import type { HeaderReader } from '../contracts/delivery.ts'
import type { Provider, SignatureClaim } from '../contracts/provider.ts'
import type { Hmac, SecretDecoder } from '../contracts/secret.ts'
import { isCutOffJson } from './cut-off-json.ts'
import { explanations, type SignatureCause } from './explanations.ts'
import { Remembered } from './remembered.ts'
import { innocent, type Suspect } from './suspect.ts'
import { hasReplacementCharacters, suspectBodies } from './suspect-bodies.ts'
import { suspectSecrets } from './suspect-secrets.ts'
import { namesAsked, suspectSignatures } from './suspect-signatures.ts'
import { TimeLimit } from './time-limit.ts'

/** A delivery whose signature did not match. */
export interface SignatureCase {
  /** Reads the signature. Any provider that signs with HMAC-SHA256; its own secrets are not looked at. */
  readonly provider: Pick<Provider, 'readSignature' | 'resignedContent'>
  /** The secrets under which it was expected to match, as configured. */
  readonly secrets: readonly string[]
  /** Secrets of other webhooks, by a name that may be shown. */
  readonly otherSecrets?: Readonly<Record<string, string>> | undefined
  /** How the provider turns a secret into a key. Defaults to its UTF-8 text. */
  readonly decodeSecret?: SecretDecoder | undefined
  /** The bytes that were verified. */
  readonly body: Uint8Array
  readonly headers: HeaderReader & { keys?(): Iterable<string> }
  /** Lower-case names of headers in which a misplaced signature is looked for. Defaults to all where `headers` can list them, else to the usual ones. */
  readonly headerNames?: readonly string[] | undefined
  /**
   * How long it may take, in milliseconds; checked between steps of a few milliseconds each. What was not tried by then is not tried, and a
   * body of more than 64 KiB only as it came. For deliveries that come from strangers. Defaults to no limit.
   */
  readonly withinMs?: number | undefined
}

/** What is the matter. Holds no secret, no signature and nothing of the body: it can be logged. */
export interface Diagnosis {
  /** `matches`: nothing is the matter. */
  readonly cause: SignatureCause | 'matches' | 'none of the known causes'
  /** A second cause, where it takes two. */
  readonly also?: SignatureCause
  /** True where undoing the cause made the signature match; false where the cause is only likely. */
  readonly proven: boolean
  readonly explanation: string
  readonly fix: string
}

const usualHeaders = [
  'x-signature',
  'x-signature-256',
  'x-hub-signature-256',
  'x-hub-signature',
  'x-webhook-signature',
  'webhook-signature',
  'svix-signature',
  'stripe-signature',
  'x-sematryx-signature',
  'x-jaot-signature',
  'signature',
  'authorization',
]

/** Above this size only single causes are tried, as each try hashes the whole body; and in limited time only those that leave it as it is. */
const maxBytesForAll = 64 * 1024

/**
 * Says why a signature does not match, by undoing the usual causes one by one, then two at a time, until it does. A pure
 * function; never rejects. Takes some milliseconds for an everyday body and seconds for 1 MiB, unless `withinMs` says otherwise.
 */
export async function diagnoseSignature(signatureCase: SignatureCase): Promise<Diagnosis> {
  const { provider, secrets, body, headers, withinMs } = signatureCase
  const limit = new TimeLimit(withinMs ?? Number.POSITIVE_INFINITY)
  const { otherSecrets = {}, decodeSecret = decodeUtf8Secret, headerNames = namesOf(headers) } = signatureCase
  const signatures = suspectSignatures(provider.readSignature, headers, headerNames)
  const keys = suspectSecrets(secrets, otherSecrets, decodeSecret).map(toHmac)
  const asItCame = withinMs !== undefined && body.length > maxBytesForAll
  const bodies = asItCame ? [innocent(body)] : new Remembered(bodiesOf(signatureCase, limit))
  const truncated = await truncatedSignature(signatureCase, keys)
  const maxCauses = body.length > maxBytesForAll ? 1 : 2
  for (let count = 0; count <= maxCauses; count++) {
    const match = await findMatch({ signatures, keys, bodies, count, limit })
    if (match) return proven(match)
  }
  return truncated ?? likely(signatureCase, signatures.length > 0)
}

type Match = Pick<Suspect<unknown>, 'causes' | 'detail'>

interface Search {
  readonly signatures: readonly Suspect<SignatureClaim>[]
  readonly keys: readonly Suspect<Hmac>[]
  readonly bodies: Iterable<Suspect<Uint8Array>>
  /** How many causes it takes. */
  readonly count: number
  readonly limit: TimeLimit
}

/** The first combination of suspects with so many causes under which the signature matches. */
async function findMatch(search: Search): Promise<Match | undefined> {
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

/** For a header that holds the beginning of the right signature, in hex or base64. */
async function truncatedSignature(
  { provider, headers, body }: SignatureCase,
  keys: readonly Suspect<Hmac>[],
): Promise<Diagnosis | undefined> {
  for (const name of namesAsked(provider.readSignature, headers)) {
    const given = (headers.get(name) ?? '').replace(/^(?:sha256=|v1=|v1,)/, '')
    if (given.length < 8) continue
    for (const { value: hmac } of keys.filter(({ causes }) => causes.length === 0)) {
      const digest = await hmac(body)
      const hex = [...digest].map((byte) => byte.toString(16).padStart(2, '0')).join('')
      const written = [hex, btoa(String.fromCharCode(...digest))]
      if (written.some((whole) => whole !== given && whole.startsWith(given)))
        return proven({ causes: ['truncated_signature'] })
    }
  }
  return undefined
}

/** What can be seen, and not proven. */
function likely({ headers, body }: SignatureCase, hasSignature: boolean): Diagnosis {
  const announced = Number(headers.get('content-length') ?? Number.NaN)
  if (announced > body.length)
    return describe(['truncated_body'], `${announced} bytes were announced, ${body.length} are here`, false)
  if (isCutOffJson(body)) return describe(['truncated_body'], 'its JSON does not end', false)
  if (body.length === 0 && hasSignature)
    return describe(['truncated_body'], 'it is empty; was it read by something else before?', false)
  if (!hasSignature && !namesOf(headers).some((name) => name.includes('signature') && headers.get(name)))
    return describe(['missing_signature'], '', false)
  if (hasReplacementCharacters(body)) return describe(['decoded_text'], '', false)
  return {
    cause: 'none of the known causes',
    proven: false,
    explanation: 'none of the known causes makes the signature match',
    fix: 'is the secret the one that this webhook was registered with? Register it anew, and compare a delivery byte by byte with what the sender shows',
  }
}

function proven({ causes, detail = '' }: Match): Diagnosis {
  if (causes.length > 0) return describe(causes, detail, true)
  return { cause: 'matches', proven: true, explanation: 'the signature matches', fix: 'nothing to do' }
}

function describe(causes: readonly SignatureCause[], detail: string, isProven: boolean): Diagnosis {
  const [cause, also] = causes as [SignatureCause, SignatureCause?]
  const told = causes.map((each) => explanations[each])
  return {
    cause,
    ...(also && { also }),
    proven: isProven,
    explanation: told.map(({ explanation }) => explanation.replace('%', () => detail)).join('; and '),
    fix: told.map(({ fix }) => fix).join('; then '),
  }
}

/** What the sender may have signed: what the provider says it signs, the body as it came, and the body as it may have been. */
function* bodiesOf(
  { provider: { resignedContent }, body }: SignatureCase,
  limit: TimeLimit,
): Generator<Suspect<Uint8Array>> {
  yield* resigned(resignedContent, body)
  yield innocent(body)
  yield* suspectBodies(body, limit)
}

function resigned(resignedContent: Provider['resignedContent'], body: Uint8Array): Suspect<Uint8Array>[] {
  if (!resignedContent) return []
  try {
    return [innocent(new TextEncoder().encode(resignedContent(decodeJson(body))))]
  } catch {
    return []
  }
}

function toHmac({ value, ...suspicion }: Suspect<Uint8Array>): Suspect<Hmac> {
  return { ...suspicion, value: hmacSha256(value) }
}

function namesOf(headers: SignatureCase['headers']): readonly string[] {
  return headers.keys ? [...headers.keys()].map((name) => name.toLowerCase()) : usualHeaders
}
