import type { Clock } from '../../contracts/clock.ts'
import type { Delivery } from '../../contracts/delivery.ts'
import { Refusal } from '../../contracts/errors.ts'
import type { Provider, SignatureClaim } from '../../contracts/provider/provider.ts'
import type { KeyPicker, SignatureKey } from '../../contracts/provider/secret.ts'
import { matchesClaim, signableTexts, signedText } from '../../keys/matches-claim.ts'
import { signatureAlgorithms } from '../../keys/signature-key.ts'
import { type Awaitable, allHere, whenHere } from '../../time/awaitable.ts'
import { settledWithin } from '../../time/deadlines.ts'
import { ArrivingBody } from '../request/arriving-body.ts'
import { isToken, maxTokenBytes } from './token.ts'

/** A body whose signature was verified. */
export interface VerifiedBody {
  /** The bytes that were signed. */
  readonly rawBody: Uint8Array
  /** Identifies an event that has no id. It is the body, or what was signed where that is not the body. */
  readonly identity: Uint8Array
  /** Which of the configured secrets matched, counted from 0. Undefined for an unsigned sender. */
  readonly secretIndex: number | undefined
  /** The key of that secret. */
  readonly key: SignatureKey | undefined
  /** The tenant, where a function picked the secrets and named one. */
  readonly tenant: string | undefined
  /** Milliseconds that the delivery has waited: for the secret, and for a handshake to say that it is none. */
  readonly waitedMs: number
}

/** How long a secret may take to come. */
interface Patience {
  /** Milliseconds. */
  readonly acceptTimeout: number
  /** The limit on the bytes of all bodies that arrive, or wait for their secret. */
  readonly maxBytesInFlight: number
  readonly clock: Required<Clock>
}

const unsigned: SignatureClaim = { digests: [] }

const decoder = new TextDecoder()

/** The signature that the headers claim, before anything of the body is read. */
export function readSignature(provider: Provider, { headers, method, url }: Delivery): SignatureClaim {
  if (provider.keys === undefined) return unsigned
  const reading = provider.readSignature(headers, { method, url })
  if (reading === 'missing') {
    throw new Refusal('missing_signature', 'the delivery has no signature header', {
      fix: 'was the webhook registered with a secret, and does a proxy in front strip headers?',
    })
  }
  if (reading === 'malformed') {
    throw new Refusal('invalid_signature', 'the signature header does not have the form of a signature', {
      fix: 'is this URL registered with the provider that it is configured for? `npx @hookport/cli doctor` also reads definitions of your own',
    })
  }
  return reading
}

/** Proves that a holder of one of the secrets signed this body. Nothing has looked into the body before. */
export function verifySignature(
  provider: Provider,
  claim: SignatureClaim,
  rawBody: Uint8Array,
  delivery: Delivery,
  patience: Patience,
): Awaitable<VerifiedBody> {
  return whenHere(findKeys(provider, delivery, rawBody, patience), ({ keys, tenant, waitedMs }) => {
    if (keys === undefined) {
      return { rawBody, identity: rawBody, secretIndex: undefined, key: undefined, tenant, waitedMs }
    }
    if (keys.length === 0) return refuseUnknown(provider, claim, rawBody)
    const signed = whenHere(
      findSigned(keys, claim, rawBody),
      (signed) => signed ?? verifyResigned(provider, claim, keys, rawBody, delivery),
    )
    return whenHere(signed, ({ rawBody, identity, secretIndex, key }) => {
      if (provider.handshake.post !== undefined) refuseToken(claim, rawBody)
      return { rawBody, identity, secretIndex, key, tenant, waitedMs }
    })
  })
}

/**
 * The sender is answered as for any other signature that does not match, so that nobody learns which tenants exist. To hash a large body takes as long as a
 * request on a network does, so it is checked here, too.
 */
async function refuseUnknown(provider: Provider, claim: SignatureClaim, rawBody: Uint8Array): Promise<never> {
  const { keyOfNobody, makeKey } = signatureAlgorithms[provider.algorithm]
  const keys = [makeKey(keyOfNobody ?? new Uint8Array(32))]
  await findSigned(keys, claim, rawBody)
  const resigned = provider.resignedBody(rawBody)
  if (resigned !== undefined) await findSigned(keys, claim, resigned)
  throw new Refusal('invalid_signature', 'the function that picks the secret has none for this delivery', {
    fix: 'does the registered URL name a tenant that exists, and does the function read it exactly as it is written there?',
  })
}

type Signed = Pick<VerifiedBody, 'rawBody' | 'identity' | 'secretIndex' | 'key'>

/** The body, with the key under which one of the claimed digests matches. Undefined where no key does. */
function findSigned(
  keys: readonly SignatureKey[],
  claim: SignatureClaim,
  rawBody: Uint8Array,
): Awaitable<Signed | undefined> {
  return whenHere(findMatchingKey(keys, claim, rawBody), (secretIndex) => {
    const key = keys[secretIndex]
    if (key === undefined) return undefined
    // A signature over something other than the body may fit two bodies. Both are the same event then.
    if (!isOverText(claim)) return { rawBody, identity: rawBody, secretIndex, key }
    return signedText(key, claim, rawBody).then((identity = rawBody) => ({
      rawBody,
      identity,
      secretIndex,
      key,
    }))
  })
}

/** Whether something else than the body is signed: however long the body is, that may be short. */
function isOverText({ signedFields, signedBodySha256 }: SignatureClaim): boolean {
  return signedFields !== undefined || signedBodySha256 !== undefined
}

/** A handshake may have had the token signed, for anybody who had its question: then the signature proves nothing. */
function refuseToken(claim: SignatureClaim, rawBody: Uint8Array): void {
  if (rawBody.length > maxTokenBytes && !isOverText(claim)) return
  if (signableTexts(claim, rawBody).some((text) => isToken(decoder.decode(text))))
    throw new Refusal(
      'invalid_signature',
      'the signed bytes are a token, which a handshake may have signed for a stranger',
    )
}

/** The last resort of a provider whose sender may sign another spelling of the JSON that it sends. */
async function verifyResigned(
  provider: Provider,
  claim: SignatureClaim,
  keys: readonly SignatureKey[],
  rawBody: Uint8Array,
  delivery: Delivery,
): Promise<Signed> {
  const resigned = provider.resignedBody(rawBody)
  const signed = resigned && (await findSigned(keys, claim, resigned))
  if (signed !== undefined) return signed
  throw new SignatureMismatch(async () => {
    const { headers, method, url } = delivery
    return (await provider.diagnoseMismatch?.(rawBody, headers, { method, url })) ?? delivery.fixOnMismatch
  }, delivery.fixOnMismatch ?? usualCauses)
}

/** A signature that matches under no secret. The reason is looked for only if its log line is written. */
export class SignatureMismatch extends Refusal {
  readonly #diagnose: () => Promise<string | undefined>

  constructor(diagnose: () => Promise<string | undefined>, fix: string) {
    super('invalid_signature', 'the signature does not match the body under any secret', { fix })
    this.#diagnose = diagnose
  }

  /** What to do about it. Never rejects. */
  async diagnose(): Promise<string> {
    try {
      return (await this.#diagnose()) ?? usualCauses
    } catch {
      return usualCauses
    }
  }
}

const usualCauses =
  'is the secret the one that the webhook was registered with, and does anything in front change the body? With NODE_ENV=development, or with `npx @hookport/cli doctor`, you are told which'

interface FoundKeys {
  /** Undefined for an unsigned sender. */
  readonly keys: readonly SignatureKey[] | undefined
  readonly tenant: string | undefined
  readonly waitedMs: number
}

function findKeys(
  { keys }: Provider,
  delivery: Delivery,
  rawBody: Uint8Array,
  patience: Patience,
): Awaitable<FoundKeys> {
  return typeof keys === 'function'
    ? whileHeld(rawBody, patience, () => pickKeys(keys, delivery, patience))
    : { keys, tenant: undefined, waitedMs: 0 }
}

/** Anybody's body waits for its secret, so it counts among those that are arriving. Where they are too many, the one that has waited for longest is refused. */
async function whileHeld<Result>(
  rawBody: Uint8Array,
  { maxBytesInFlight }: Patience,
  wait: () => Promise<Result>,
): Promise<Result> {
  let held: ArrivingBody | undefined
  const pushedOut = new Promise<never>((_, reject) => {
    held = new ArrivingBody(maxBytesInFlight, reject)
  })
  const waiting = wait()
  held?.add(rawBody)
  return Promise.race([waiting, pushedOut]).finally(() => held?.letGo())
}

async function pickKeys(
  pick: KeyPicker,
  delivery: Delivery,
  { acceptTimeout, clock }: Patience,
): Promise<FoundKeys> {
  const askedAt = clock.elapsed()
  const onTimeout = () => new Error(`there was no answer within ${acceptTimeout} ms`)
  try {
    const picked = await settledWithin(pick(delivery), acceptTimeout, clock, { onTimeout })
    return { ...picked, waitedMs: clock.elapsed() - askedAt }
  } catch (cause) {
    throw new Refusal('unavailable', 'the secret of this delivery could not be obtained', { cause })
  }
}

/**
 * The index of the first key under which one of the claimed digests is the body's, or -1. All keys are tried, so that the time taken does
 * not tell which one matched.
 */
function findMatchingKey(
  keys: readonly SignatureKey[],
  claim: SignatureClaim,
  body: Uint8Array,
): Awaitable<number> {
  const matches = allHere(keys.map((key) => matchesClaim(key, claim, body)))
  return whenHere(matches, (matches) => matches.indexOf(true))
}
