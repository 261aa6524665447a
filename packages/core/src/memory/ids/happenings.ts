import type { EventRecord } from '../../contracts/inbox/event-record.ts'
import { RememberedIds } from './remembered-ids.ts'

/**
 * The names, keys and aliases, by which a delivery and a reconciled event are known to be the same. Each is compared only with those of
 * the other origin.
 */
export class Happenings {
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
