import type { EventRecord } from '../../contracts/inbox/event-record.ts'
import type { PutResult } from '../../contracts/inbox/inbox.ts'
import type { KeptEvents } from '../kept/kept-events.ts'
import { Happenings, namesOf } from './happenings.ts'
import { RememberedIds } from './remembered-ids.ts'

/** Which events were taken on. An event is remembered for its time, and known for as long as it is kept. Times are elapsed times. */
export class KnownEvents {
  readonly #kept: KeptEvents
  readonly #remembered = new RememberedIds()
  readonly #happenings = new Happenings()

  constructor(kept: KeptEvents) {
    this.#kept = kept
  }

  /** How many keys are remembered. */
  get size(): number {
    return this.#remembered.size
  }

  /** Undefined where the event is new. */
  find(event: EventRecord, now: number): Extract<PutResult, { outcome: 'duplicate' }> | undefined {
    this.#remembered.prune(now)
    this.#happenings.prune(now)
    if (this.#hasCounterpart(event, now)) return { outcome: 'duplicate', conflict: false }
    const known = this.#kept.find(event.key)?.event.fingerprint ?? this.#remembered.find(event.key, now)
    return known === undefined ? undefined : { outcome: 'duplicate', conflict: known !== event.fingerprint }
  }

  /** Whether something was taken on under a key or an alias, of whatever origin. */
  knows(name: string, now: number): boolean {
    return (
      this.#kept.hasNamed(name, 'delivery') ||
      this.#kept.hasNamed(name, 'reconciled') ||
      this.#remembered.find(name, now) !== undefined ||
      this.#happenings.isReconciled(name, now) ||
      this.#happenings.isAliasOfDelivery(name, now)
    )
  }

  remember(event: EventRecord, until: number): void {
    this.#remembered.remember(event.key, event.fingerprint, until)
    this.#happenings.remember(event, until)
  }

  /** Whether the same event was taken on from the other origin: reconciled where this one was delivered, or delivered where this one is reconciled. */
  #hasCounterpart(event: EventRecord, now: number): boolean {
    if (event.origin === 'delivery') {
      if (!this.#happenings.hasReconciled) return false
      return namesOf(event).some(
        (name) => this.#happenings.isReconciled(name, now) || this.#kept.hasNamed(name, 'reconciled'),
      )
    }
    return namesOf(event).some(
      (name) =>
        this.#happenings.isAliasOfDelivery(name, now) ||
        this.#kept.hasNamed(name, 'delivery') ||
        (this.#remembered.find(name, now) !== undefined && !this.#happenings.isReconciled(name, now)),
    )
  }
}
