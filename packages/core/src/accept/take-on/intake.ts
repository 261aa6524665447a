import type { Clock } from '../../contracts/clock.ts'
import { isRefusal, type Refusal } from '../../contracts/errors.ts'
import type { EventRecord } from '../../contracts/inbox/event-record.ts'
import type { Inbox, PutOptions } from '../../contracts/inbox/inbox.ts'
import type { Logger } from '../../contracts/logger.ts'
import type { Provider, SignatureClaim } from '../../contracts/provider/provider.ts'
import { reasonOf } from '../../contracts/reason-of.ts'
import type { RefusedEvents } from '../../contracts/receiver/health.ts'
import type { Observe } from '../../contracts/receiver/observers.ts'
import type { Redaction } from '../../redact/redaction.ts'
import { type Awaitable, isPromise, whenHere } from '../../time/awaitable.ts'
import type { EventReading, ReadEvent, UnreadableEvent } from '../identity/read-event.ts'
import type { VerifiedBody } from '../verify/verify-signature.ts'
import { allTogether, type Step } from './all-together.ts'
import { checkFreshness, rememberMs } from './check-freshness.ts'
import { holdUnread, shownRefusal } from './hold-unread.ts'
import type { TakenOn, TakeOn } from './put-event.ts'
import type { UnderWay } from './under-way.ts'

export interface IntakeTools {
  readonly provider: Pick<Provider, 'name' | 'keys'>
  readonly inbox: Inbox
  readonly acknowledge: 'on-receipt' | 'after-handlers'
  readonly maxAge: number
  readonly dedupeWindow: number
  readonly acceptTimeout: number
  readonly clock: Required<Clock>
  readonly logger: Logger
  readonly observe: Observe
  readonly underWay: UnderWay
  /** Paths of values in events that nobody may see. */
  readonly redact: Redaction
  /** Acknowledges an event as soon as the inbox holds it. */
  readonly put: TakeOn
  /** As `put`, or once its handlers have succeeded. */
  readonly takeOn: TakeOn
  /** Keeps parsed payloads, so that handlers need not parse them again. */
  readonly payloads: { keep(event: EventRecord, payload: ReadEvent['payload']): void }
}

const none: readonly Refusal[] = []

/** Takes on the events of deliveries that are fresh, and tells observers. */
export class Intake {
  readonly #tools: IntakeTools
  #refused: RefusedEvents | undefined
  #lastRefused = ''

  constructor(tools: IntakeTools) {
    this.#tools = tools
  }

  /** The events that came since the inbox last took one on. Undefined where there are none. */
  get refused(): RefusedEvents | undefined {
    return this.#refused
  }

  /** Events of one delivery, see `allTogether`: those of one key in turn, the others at once. Answers why some were left out. */
  take(
    readings: readonly EventReading[],
    signature: SignatureClaim,
    verified: VerifiedBody,
  ): Awaitable<readonly Refusal[]> {
    const [first] = readings
    if (first !== undefined && readings.length === 1)
      // as of most deliveries
      return whenHere(this.#takeOne(first, signature, verified), () => none)
    const turns = new Map<string, Step[]>()
    for (const reading of readings) {
      const { key } = reading.event
      const steps = turns.get(key) ?? []
      steps.push(async () => this.#takeOne(reading, signature, verified))
      turns.set(key, steps)
    }
    return allTogether([...turns.values()])
  }

  #takeOne(
    reading: EventReading,
    signature: SignatureClaim,
    { secretIndex, waitedMs }: VerifiedBody,
  ): Awaitable<void> {
    const { maxAge, dedupeWindow, acceptTimeout, underWay } = this.#tools
    const withinMs = Math.max(0, acceptTimeout - waitedMs)
    const { event } = reading
    checkFreshness(signature, event.createdAt, event.receivedAt, maxAge)
    const signedAt = signature.signedAt ?? event.createdAt
    const options = { rememberMs: rememberMs(signedAt, event.receivedAt, dedupeWindow) }
    const report = (result: TakenOn) => this.#report(event, result, secretIndex)
    const refuse = (error: unknown) => this.#refuse(event, error)
    try {
      const taken =
        'payload' in reading
          ? this.#takeRead(reading, options, withinMs)
          : this.#holdUnreadable(reading, options, withinMs)
      return isPromise(taken) ? underWay.add(taken).then(report, refuse) : report(taken)
    } catch (error) {
      return refuse(error)
    }
  }

  #refuse({ receivedAt, key }: EventRecord, error: unknown): never {
    if (isRefusal(error) && error.code === 'unavailable') {
      const { message, cause } = error
      const reason = cause === undefined ? message : `${message}: ${reasonOf(cause)}`
      this.#lastRefused = key
      this.#refused = { since: this.#refused?.since ?? receivedAt, reason }
    }
    throw error
  }

  #takeRead({ event, payload }: ReadEvent, options: PutOptions, withinMs: number): Awaitable<TakenOn> {
    this.#tools.payloads.keep(event, payload)
    return this.#tools.takeOn(event, options, withinMs)
  }

  /** An authentic delivery that can't be read is kept as a dead letter. A later version of the application may read it. */
  async #holdUnreadable(
    unreadable: UnreadableEvent,
    options: PutOptions,
    withinMs: number,
  ): Promise<TakenOn> {
    const { provider, acknowledge, inbox } = this.#tools
    const isHeld = provider.keys !== undefined && (acknowledge === 'on-receipt' || inbox.durable)
    if (!isHeld && !unreadable.isOfOurs) throw shownRefusal(unreadable, this.#tools.redact)
    return holdUnread(unreadable, options, this.#tools, withinMs)
  }

  #report(
    { source, tenant, id, type, key }: EventRecord,
    result: TakenOn,
    secretIndex: number | undefined,
  ): void {
    const { provider, observe, logger } = this.#tools
    const taken = () => ({ provider: provider.name, source, tenant, id, type, key, secretIndex })
    const isAccepted = result.outcome === 'accepted'
    if (isAccepted || key === this.#lastRefused) this.#refused = undefined // it may have been stored after its time limit
    if (isAccepted) {
      observe('accepted', taken)
      return
    }
    const { conflict } = result
    if (conflict)
      logger.warn(taken(), 'an event id came again with another body: it is treated as a duplicate')
    observe('duplicate', () => ({ ...taken(), conflict }))
  }
}
