import { ApiError } from './http/api-error.ts'

/** A webhook of Sematryx. */
export interface SematryxWebhook {
  readonly provider: 'sematryx'
  readonly id: string
  /** The API key that it was made with. Only the same key finds it. */
  readonly owner: string
  url: string
  secret: string | null
  events: readonly string[]
  active: boolean
}

/** A trigger of JAOT, which may have a webhook. */
export interface JaotTrigger {
  readonly provider: 'jaot'
  readonly id: string
  readonly owner: string
  name: string
  documentId: string
  versionId: string
  /** Null: no deliveries. */
  url: string | null
  secret: string | null
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

  /** Those that are to get an event of this type. `triggerId`: only that trigger. */
  matching(provider: Registration['provider'], type: string, triggerId?: string): Registration[] {
    return this.all().filter((registration) => {
      if (registration.provider !== provider || registration.url === null) return false
      if (registration.provider === 'jaot') return triggerId === undefined || registration.id === triggerId
      return registration.active && registration.events.includes(type)
    })
  }

  /** @throws {ApiError} 404 where this owner has no such trigger. */
  trigger(id: string, owner: string): JaotTrigger {
    const found = this.#byId.get(id)
    if (found?.provider === 'jaot' && found.owner === owner) return found
    throw new ApiError(404, `no trigger ${id}`)
  }

  remove(id: string): void {
    this.#byId.delete(id)
  }
}
