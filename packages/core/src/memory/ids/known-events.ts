import { getOrMake } from '../../collections/get-or-make.ts'
import type { EventRecord } from '../../contracts/inbox/event-record.ts'
import type { PutResult } from '../../contracts/inbox/inbox.ts'
import type { KeptEvents } from '../kept/kept-events.ts'
import { RememberedIds } from './remembered-ids.ts'

/** Which events were taken on. An event is remembered for its time, and known for as long as it is kept. Times are elapsed times. */
export class KnownEvents {
  readonly #kept: KeptEvents
  /** By source, as each has its own time. Ids are forgotten in the order in which they came: one that is remembered for longer would hold up the others. */
  readonly #remembered = new Map<string, RememberedIds>()
  readonly #happenings = new Happenings()

  constructor(kept: KeptEvents) {
    this.#kept = kept
  }

  /** How many keys are remembered. */
  get size(): number {
    let size = 0
    for (const ids of this.#remembered.values()) size += ids.size
    return size
  }

  /** Undefined where the event is new. */
  find(event: EventRecord, now: number): Extract<PutResult, { outcome: 'duplicate' }> | undefined {
    for (const ids of this.#remembered.values()) ids.prune(now)
    this.#happenings.prune(now)
    if (this.#hasCounterpart(event, now)) return { outcome: 'duplicate', conflict: false }
    const known = this.#kept.find(event.key)?.event.fingerprint ?? this.#rememberedAs(event.key, now)
    return known === undefined ? undefined : { outcome: 'duplicate', conflict: known !== event.fingerprint }
  }

  /** Whether something was taken on under a key or an alias, of whatever origin. */
  knows(name: string, now: number): boolean {
    return (
      this.#kept.hasNamed(name, 'delivery') ||
      this.#kept.hasNamed(name, 'reconciled') ||
      this.#rememberedAs(name, now) !== undefined ||
      this.#happenings.isReconciled(name, now) ||
      this.#happenings.isAliasOfDelivery(name, now)
    )
  }

  remember(event: EventRecord, until: number): void {
    const ids = getOrMake(this.#remembered, sourceOf(event.key), () => new RememberedIds())
    ids.remember(event.key, event.fingerprint, until)
    this.#happenings.remember(event, until)
  }

  #rememberedAs(name: string, now: number): number | undefined {
    return this.#remembered.get(sourceOf(name))?.find(name, now)
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
        (this.#rememberedAs(name, now) !== undefined && !this.#happenings.isReconciled(name, now)),
    )
  }
}

/** The source at the beginning of a key or an alias. */
function sourceOf(name: string): string {
  const end = name.search(/[@:]/)
  return end < 0 ? name : name.slice(0, end)
}

/**
 * The names, keys and aliases, by which a delivery and a reconciled event are known to be the same. Each is compared only with those of
 * the other origin.
 */
class Happenings {
  /** Created when needed: most senders have no aliases. */
  #reconciled: RememberedIds | undefined
  /** Aliases only. Keys of deliveries are remembered anyway. */
  #delivered: RememberedIds | undefined

  remember({ key, aliases = [], origin, fingerprint }: EventRecord, until: number): void {
    if (origin === 'reconciled') {
      this.#reconciled ??= new RememberedIds()
      for (const name of [key, ...aliases]) this.#reconciled.remember(name, fingerprint, until)
    } else if (aliases.length > 0) {
      this.#delivered ??= new RememberedIds()
      for (const alias of aliases) this.#delivered.remember(alias, fingerprint, until)
    }
  }

  /** Whether anything was ever reconciled. */
  get hasReconciled(): boolean {
    return this.#reconciled !== undefined
  }

  isReconciled(name: string, now: number): boolean {
    return this.#reconciled?.find(name, now) !== undefined
  }

  isAliasOfDelivery(name: string, now: number): boolean {
    return this.#delivered?.find(name, now) !== undefined
  }

  prune(now: number): void {
    this.#reconciled?.prune(now)
    this.#delivered?.prune(now)
  }
}

/** All names of an event: its key and aliases. */
export function namesOf({ key, aliases }: EventRecord): readonly string[] {
  return aliases ? [key, ...aliases] : [key]
}
