import { assertKnown, type NamesOf } from '../known-options.ts'
import { createDice } from '../random/dice.ts'
import type { Random } from '../random/random.ts'
import type { OutgoingRequest } from '../sending/send-attempt.ts'
import { signDelivery } from '../signing/sign-delivery.ts'
import { resolveWire, type Wire, type WireChoice } from '../wire/wire-form.ts'
import { type Mischief, type MischiefName, type ResolvedMischief, resolveMischief } from './mischief.ts'
import { duplicateSome, reorder } from './plan-order.ts'
import type { PlannedDelivery, Volley } from './planned-delivery.ts'
import { aborted, cutSignature, slowed, tampered, unsigned, wronglySigned } from './spoil-delivery.ts'
import { movedInTime, padded } from './spoil-event.ts'

/** How deliveries are signed, and what is done to them. */
export type PlanOptions = WireChoice & {
  /** The secret shared with the receiver. `null` signs nothing. */
  secret: string | null
  /** What goes wrong on the way. Defaults to nothing. */
  mischief?: Mischief | undefined
  /** A whole number. The same seed, events and options give the same plan. Defaults to 1. */
  seed?: number | undefined
  /** The base time of `stale` and `future`, in ms since the epoch. Defaults to now. */
  now?: number | undefined
}

const optionNames: NamesOf<PlanOptions> = {
  provider: true,
  form: true,
  secret: true,
  mischief: true,
  seed: true,
  now: true,
}

/** A correct receiver still accepts these. */
const harmless: ReadonlySet<MischiefName> = new Set(['slowBody', 'duplicates', 'concurrentDuplicates'])

/**
 * Plans how events are sent, and what goes wrong with them. First events are changed, then signed, then spoiled on the way, then duplicated and
 * reordered. Each delivery is created when the iteration reaches it, and at most `reorder` of them wait.
 *
 * Throws `RangeError` for a share that is not from 0 to 1, `TypeError` for an unknown option, and as `signDelivery` does.
 */
export function planDeliveries(events: Iterable<object>, options: PlanOptions): Iterable<Volley> {
  assertKnown('planDeliveries', options, optionNames)
  const { seed = 1 } = options
  const mischief = resolveMischief(options.mischief ?? {})
  const single = signAndSpoil(events, options, mischief, seed)
  return reorder(duplicateSome(single, mischief, seed), mischief.reorder, seed)
}

/** An event that is not signed yet. */
interface Draft {
  readonly event: object
  readonly secret: string | null
}

function* signAndSpoil(
  events: Iterable<object>,
  { secret, now = Date.now(), ...choice }: PlanOptions,
  mischief: ResolvedMischief,
  seed: number,
): Generator<PlannedDelivery> {
  const wire = resolveWire(choice)
  const spoilDraft = spoiler(draftChanges(wire, mischief, now), mischief, seed)
  const spoilRequest = spoiler(requestChanges(mischief), mischief, seed)
  let index = 0
  for (const event of events) {
    const struck: MischiefName[] = []
    const draft = spoilDraft({ event, secret: secretAt(index, secret, mischief) }, struck)
    const signed = signDelivery({ ...wire, ...draft })
    const request = spoilRequest(signed, struck)
    const expected = struck.every((name) => harmless.has(name)) ? 'success' : 'refusal'
    yield { request, mischief: struck, expected }
    index += 1
  }
}

function secretAt(index: number, secret: string | null, { rotateSecret }: ResolvedMischief): string | null {
  return rotateSecret !== undefined && index >= rotateSecret.after ? rotateSecret.to : secret
}

/** Applies a mischief to an event or a request. Mischief is applied in the order in which it is listed. */
type Changes<Subject> = Partial<Record<MischiefName, (subject: Subject, random: Random) => Subject>>

/** Decides for each mischief whether it hits a subject. The names of those that do are added to `struck`. */
function spoiler<Subject>(changes: Changes<Subject>, mischief: ResolvedMischief, seed: number) {
  const names = Object.keys(changes) as MischiefName[]
  const steps = names.map((name) => ({ name, change: changes[name], dice: createDice(seed, name) }))
  return (subject: Subject, struck: MischiefName[]): Subject => {
    let spoiled = subject
    for (const { name, change, dice } of steps) {
      if (!change || !dice.strikes(mischief[name])) continue
      spoiled = change(spoiled, dice.detail)
      struck.push(name)
    }
    return spoiled
  }
}

function draftChanges(
  wire: Wire,
  { staleByMs, futureByMs, oversizeBytes }: ResolvedMischief,
  now: number,
): Changes<Draft> {
  return {
    stale: (draft) => ({ ...draft, event: movedInTime(wire, draft.event, now - staleByMs) }),
    future: (draft) => ({ ...draft, event: movedInTime(wire, draft.event, now + futureByMs) }),
    oversize: (draft) => ({ ...draft, event: padded(draft.event, oversizeBytes) }),
    wrongSecret: (draft, random) => ({ ...draft, secret: `not-the-secret-${random.hex(16)}` }),
  }
}

function requestChanges({ slowBodyMs }: ResolvedMischief): Changes<OutgoingRequest> {
  return {
    tamper: tampered,
    wrongSignature: wronglySigned,
    truncatedSignature: cutSignature,
    missingSignature: unsigned,
    slowBody: (request) => slowed(request, slowBodyMs),
    abortedBody: aborted,
  }
}
