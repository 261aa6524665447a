import { ApiError } from './http/api-error.ts'
import type { Run } from './jaot/run.ts'

/** A webhook of Sematryx. */
export interface SematryxWebhook {
  readonly provider: 'sematryx'
  readonly id: string
  /** The API key that created it. Only the same key finds it. */
  readonly owner: string
  url: string
  secret: string | null
  events: readonly string[]
  active: boolean
}

/** A trigger of JAOT. */
export interface JaotTrigger {
  readonly provider: 'jaot'
  readonly id: string
  readonly owner: string
  readonly organization: string
  readonly createdAt: string
  /** The secret that authorizes firing. It is only shown when the trigger is created. */
  readonly triggerSecret: string
  /** Ids of what it runs, by their names in the API. */
  readonly model: Readonly<Record<string, string>>
  name: string
  description: string | null
  overrideSchema: object | null
  url: string
  secret: string | null
  /** If false, it can't be fired, and reports nothing. */
  enabled: boolean
  /** Newest first. */
  readonly runs: Run[]
  /** When it was fired, in ms since the epoch. */
  readonly firedAt: number[]
}

export type Registration = SematryxWebhook | JaotTrigger

/** Everything registered with the emulator, by id. */
export class Registrations {
  readonly #byId = new Map<string, Registration>()

  add(registration: Registration): void {
    this.#byId.set(registration.id, registration)
  }

  all(): Registration[] {
    return [...this.#byId.values()]
  }

  /** The registrations that should get an event of this type. `triggerId`: only that trigger. */
  matching(provider: Registration['provider'], type: string, triggerId?: string): Registration[] {
    return this.all().filter((registration) => {
      if (registration.provider !== provider) return false
      if (registration.provider === 'jaot') {
        return registration.enabled && (triggerId === undefined || registration.id === triggerId)
      }
      return registration.active && registration.events.includes(type)
    })
  }

  /** @throws {ApiError} 404 where this owner has no such trigger. */
  trigger(id: string, owner: string): JaotTrigger {
    const found = this.anyTrigger(id)
    if (found.owner === owner) return found
    throw new ApiError(404, `no trigger ${id}`)
  }

  /** @throws {ApiError} 404 where there is no such trigger. */
  anyTrigger(id: string): JaotTrigger {
    const found = this.#byId.get(id)
    if (found?.provider === 'jaot') return found
    throw new ApiError(404, `no trigger ${id}`)
  }

  /** Oldest first. */
  triggersOf(owner: string): JaotTrigger[] {
    return this.all().filter(
      (registration): registration is JaotTrigger =>
        registration.provider === 'jaot' && registration.owner === owner,
    )
  }

  /** Whether anything is sent to it: not once it is removed, or while it is disabled. */
  reports(registration: Registration): boolean {
    if (this.#byId.get(registration.id) !== registration) return false
    return registration.provider === 'jaot' ? registration.enabled : registration.active
  }

  /** Whether a text is the secret of a trigger. Then it is not an API key. */
  isTriggerSecret(text: string): boolean {
    return this.all().some(
      (registration) => registration.provider === 'jaot' && registration.triggerSecret === text,
    )
  }

  remove(id: string): void {
    this.#byId.delete(id)
  }
}
