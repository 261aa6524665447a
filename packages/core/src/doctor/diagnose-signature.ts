import type { HeaderReader } from '../contracts/delivery.ts'
import type { RequestLine, SignatureScheme } from '../contracts/provider/provider.ts'
import type { SignatureKey } from '../contracts/provider/secret.ts'
import { signatureAlgorithms } from '../keys/signature-key.ts'
import { isCutOffSignature } from './cut-off-signature.ts'
import { type Diagnosis, likely, proven } from './diagnosis.ts'
import { findMatch } from './find-match.ts'
import { findOtherAlgorithm } from './other-algorithm.ts'
import { innocent, type Suspect } from './suspects/suspect.ts'
import { suspectBodies } from './suspects/suspect-bodies.ts'
import { suspectSecrets } from './suspects/suspect-secrets.ts'
import { suspectSignatures } from './suspects/suspect-signatures.ts'
import { suspectUrls } from './suspects/suspect-urls.ts'
import { TimeLimit } from './time-limit.ts'

/** A delivery whose signature did not match. */
export interface SignatureCase {
  /** How the sender signs. Any provider will do, as its own secrets are not used: `sematryx({ allowUnsigned: true })`. */
  readonly provider: SignatureScheme
  /** The configured secrets, one of which should match. */
  readonly secrets: readonly string[]
  /** Secrets of other webhooks, by a name that may be shown. */
  readonly otherSecrets?: Readonly<Record<string, string>> | undefined
  /** The bytes that were verified. */
  readonly body: Uint8Array
  readonly headers: HeaderReader & {
    /** The names of all headers. Without it, the headers in which senders usually sign are searched. */
    keys?(): Iterable<string>
  }
  /** Method and URL, for senders that sign them. Defaults to a POST without a URL. */
  readonly request?: RequestLine | undefined
  /** Lower-case names of headers in which a misplaced signature is looked for. Defaults to all where `headers` can list them, else to the conventional ones. */
  readonly headerNames?: readonly string[] | undefined
  /**
   * How long it may take, in milliseconds. This is checked between steps of a few milliseconds each. What was not tried by then is left out, and a
   * body of more than 64 KiB is only tried unchanged. For deliveries from strangers. Defaults to no limit.
   */
  readonly withinMs?: number | undefined
}

/** Where signatures are by convention or by a standard, and not by a sender's choice. */
const conventionalHeaders = [
  'signature',
  'x-signature',
  'x-signature-256',
  'x-hub-signature',
  'x-hub-signature-256',
  'webhook-signature',
  'x-webhook-signature',
  'authorization',
]

/** Above this size only single causes are tried, as each attempt hashes the whole body. With a time limit, only causes that leave the body unchanged. */
const maxBytesForAll = 64 * 1024

/**
 * Says why a signature does not match. It undoes the usual causes one by one, then two at a time, until the signature matches. A pure function; never
 * rejects. Takes some milliseconds for an ordinary body and seconds for 1 MiB, unless `withinMs` limits it.
 */
export async function diagnoseSignature(signatureCase: SignatureCase): Promise<Diagnosis> {
  const { secrets, otherSecrets = {}, body, headers, withinMs } = signatureCase
  const provider = withRequest(signatureCase.provider, signatureCase.request)
  const limit = new TimeLimit(withinMs ?? Number.POSITIVE_INFINITY)
  const headerNames = signatureCase.headerNames ?? namesOf(headers)
  const signatures = suspectSignatures(provider, headers, headerNames)
  const plain = signatures.filter(({ causes }) => causes.length === 0)
  const urls = plain.flatMap(({ value }) => suspectUrls(value, headers, signatureCase.request))
  const suspects = suspectSecrets(secrets, otherSecrets, provider.decodeSecret)
  const keys = suspects.flatMap(toKey(provider))
  const asConfigured = suspects.filter(({ causes }) => causes.length === 0).map(({ value }) => value)
  const asItCame = withinMs !== undefined && body.length > maxBytesForAll
  const bodies = asItCame ? [innocent(body)] : new Remembered(bodiesOf(provider, body, limit))
  const isCutOff = await isCutOffSignature(provider, headers, body, keys, limit)
  const maxCauses = body.length > maxBytesForAll ? 1 : 2
  for (let count = 0; count <= maxCauses; count++) {
    const match = await findMatch({ signatures: [...signatures, ...urls], keys, bodies, count, limit })
    if (match) return proven(match)
  }
  if (isCutOff) return proven({ causes: ['truncated_signature'] })
  const other = await findOtherAlgorithm(provider, headers, body, asConfigured, limit)
  if (other !== undefined) return proven({ causes: ['other_algorithm'], detail: other })
  return likely({ provider, headers, headerNames, body, hasSignature: signatures.length > 0 })
}

/** What the sender may have signed: what its definition says, the body as it arrived, and the body as it may have been. */
function* bodiesOf(
  { resignedBody }: SignatureScheme,
  body: Uint8Array,
  limit: TimeLimit,
): Generator<Suspect<Uint8Array>> {
  const instead = resignedBody(body)
  if (instead) yield innocent(instead)
  yield innocent(body)
  yield* suspectBodies(body, limit)
}

/** The scheme as it reads the headers of this request. */
function withRequest(scheme: SignatureScheme, request: RequestLine | undefined): SignatureScheme {
  return request ? { ...scheme, readSignature: (headers) => scheme.readSignature(headers, request) } : scheme
}

/** A suspected secret may not be a key of the algorithm. Then it is not the right one. */
function toKey({ algorithm }: SignatureScheme) {
  const { makeKey } = signatureAlgorithms[algorithm]
  return ({ value, ...suspicion }: Suspect<Uint8Array>): Suspect<SignatureKey>[] => {
    try {
      return [{ ...suspicion, value: makeKey(value) }]
    } catch {
      return []
    }
  }
}

function namesOf(headers: SignatureCase['headers']): readonly string[] {
  return headers.keys ? [...headers.keys()].map((name) => name.toLowerCase()) : conventionalHeaders
}

/** Values that are created when first needed, and kept for later readers. */
class Remembered<Value> implements Iterable<Value> {
  readonly #made: Value[] = []
  readonly #more: Iterator<Value>

  constructor(values: Iterable<Value>) {
    this.#more = values[Symbol.iterator]()
  }

  *[Symbol.iterator](): Iterator<Value> {
    for (let index = 0; ; index++) {
      if (index === this.#made.length) {
        const { done, value } = this.#more.next()
        if (done) return
        this.#made.push(value)
      }
      yield this.#made[index] as Value
    }
  }
}
