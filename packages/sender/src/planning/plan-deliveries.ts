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

export type PlanOptions = WireChoice & {
  secret: string | null
  mischief?: Mischief | undefined
  /** A whole number. The same seed, events and options give the same plan. Defaults to 1. */
  seed?: number | undefined
  /** What `stale` and `future` count from, in ms since the epoch. Defaults to now. */
  now?: number | undefined
}

/** These are accepted by a correct receiver all the same. */
const harmless: ReadonlySet<MischiefName> = new Set(['slowBody', 'duplicates', 'concurrentDuplicates'])

/**
 * Plans how events are sent, and what goes wrong with them: first they change, then they are signed, then spoiled on the way,
 * then duplicated and reordered. Each delivery is made when the iteration comes to it; no more than `reorder` wait.
 *
 * Throws `RangeError` for a share that is not from 0 to 1, `TypeError` as `signDelivery` does.
 */
export function planDeliveries(events: Iterable<object>, options: PlanOptions): Iterable<Volley> {
  const { seed = 1 } = options
  const mischief = resolveMischief(options.mischief ?? {})
  const single = signAndSpoil(events, options, mischief, seed)
  return reorder(duplicateSome(single, mischief, seed), mischief.reorder, seed)
}

interface Draft {
  event: object
  secret: string | null
  request?: OutgoingRequest
}

function* signAndSpoil(
  events: Iterable<object>,
  { secret, now = Date.now(), ...choice }: PlanOptions,
  mischief: ResolvedMischief,
  seed: number,
): Generator<PlannedDelivery> {
  const wire = resolveWire(choice)
  const steps = spoilers(wire, mischief, now).map((step) => ({ ...step, dice: createDice(seed, step.name) }))
  let index = 0
  for (const event of events) {
    const struck: MischiefName[] = []
    const draft: Draft = { event, secret: secretAt(index, secret, mischief) }
    const strikes = (when: 'before signing' | 'signed') => {
      for (const { name, dice, spoil } of steps.filter((step) => step.when === when)) {
        if (!dice.strikes(mischief[name])) continue
        spoil(draft, dice.detail)
        struck.push(name)
      }
    }
    strikes('before signing')
    const request = signDelivery({ ...wire, secret: draft.secret, event: draft.event })
    draft.request = request
    strikes('signed')
    const expected = struck.every((name) => harmless.has(name)) ? 'success' : 'refusal'
    yield { request: draft.request, mischief: struck, expected }
    index += 1
  }
}

function secretAt(index: number, secret: string | null, { rotateSecret }: ResolvedMischief): string | null {
  return rotateSecret !== undefined && index >= rotateSecret.after ? rotateSecret.to : secret
}

interface Spoiler {
  name: MischiefName
  when: 'before signing' | 'signed'
  spoil(draft: Draft, random: Random): void
}

function spoilers(wire: Wire, mischief: ResolvedMischief, now: number): Spoiler[] {
  const { staleByMs, futureByMs, oversizeBytes, slowBodyMs } = mischief
  const before = (name: MischiefName, spoil: Spoiler['spoil']): Spoiler => ({
    name,
    when: 'before signing',
    spoil,
  })
  const after = (
    name: MischiefName,
    change: (request: OutgoingRequest, random: Random) => OutgoingRequest,
  ): Spoiler => ({
    name,
    when: 'signed',
    spoil(draft, random) {
      if (draft.request) draft.request = change(draft.request, random)
    },
  })
  return [
    before('stale', (draft) => {
      draft.event = movedInTime(wire, draft.event, now - staleByMs)
    }),
    before('future', (draft) => {
      draft.event = movedInTime(wire, draft.event, now + futureByMs)
    }),
    before('oversize', (draft) => {
      draft.event = padded(draft.event, oversizeBytes)
    }),
    before('wrongSecret', (draft, random) => {
      draft.secret = `not-the-secret-${random.hex(16)}`
    }),
    after('tamper', tampered),
    after('wrongSignature', wronglySigned),
    after('truncatedSignature', cutSignature),
    after('missingSignature', unsigned),
    after('slowBody', (request) => slowed(request, slowBodyMs)),
    after('abortedBody', aborted),
  ]
}
