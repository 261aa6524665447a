import type { MischiefName } from '../planning/mischief.ts'
import type { Attempt } from '../sending/deliver-with-retries.ts'
import type { OutgoingRequest } from '../sending/send-attempt.ts'
import type { ProviderName } from '../wire/wire-form.ts'

/** One delivery, as a provider's dashboard shows it. */
export interface EmulatedDelivery {
  readonly id: string
  readonly provider: ProviderName
  /** Id of its webhook or trigger. */
  readonly registrationId: string
  readonly url: string
  readonly type: string
  /** The event's id, or null where the provider gives none. */
  readonly eventId: string | null
  /** What was done to it on purpose. */
  readonly mischief: readonly MischiefName[]
  /** `cancelled`: the webhook was removed before all retries were made. */
  state: 'pending' | 'delivered' | 'failed' | 'cancelled'
  /** All attempts so far, resends included. */
  readonly attempts: Attempt[]
  readonly request: OutgoingRequest
}

/** Which deliveries are listed. A filter that is left out matches all. */
export interface DeliveryFilter {
  /** Only those of this provider. */
  provider?: string | undefined
  /** Only those in this state. */
  state?: string | undefined
  /** Only those of events of this type. */
  type?: string | undefined
  /** Only those for this webhook or trigger. */
  registrationId?: string | undefined
}

/** All deliveries, in the order in which they were created. */
export class DeliveryLog {
  readonly #byId = new Map<string, EmulatedDelivery>()

  add(delivery: Omit<EmulatedDelivery, 'id'>): EmulatedDelivery {
    const added = { id: `dlv_${String(this.#byId.size + 1).padStart(6, '0')}`, ...delivery }
    this.#byId.set(added.id, added)
    return added
  }

  get(id: string): EmulatedDelivery | undefined {
    return this.#byId.get(id)
  }

  list(filter: DeliveryFilter = {}): EmulatedDelivery[] {
    const wanted = Object.entries(filter).filter(([, value]) => value !== undefined)
    return [...this.#byId.values()].filter((delivery) =>
      wanted.every(([name, value]) => delivery[name as keyof DeliveryFilter] === value),
    )
  }
}
