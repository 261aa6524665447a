import { AsyncLocalStorage } from 'node:async_hooks'
import type { EventMap, Failure, Observations, ObservedEvent, Receiving, RefusalCode } from '@hookport/core'

/** The result for one event of a delivery. */
export interface TakenEvent extends Pick<ObservedEvent, 'key' | 'id' | 'type' | 'tenant'> {
  readonly outcome: 'accepted' | 'duplicate'
}

/** The result of a delivery. */
export interface Intake {
  readonly events: TakenEvent[]
  /** The key of an event whose handlers failed before the reply (`acknowledge: 'after-handlers'`), which was not taken on. */
  failedKey?: string
  refusal?: { readonly code: RefusalCode; readonly reason: string }
}

/** All handlers of an event have succeeded. */
export interface HandledTurn {
  readonly outcome: 'handled'
  readonly attempt: number
  /** Milliseconds on the receiver's clock. */
  readonly durationMs: number
}

/** A handler has failed. */
export interface FailedTurn {
  /** `failed`: it is tried again, in `retryInMs`. `dead`: it is a dead letter. */
  readonly outcome: 'failed' | 'dead'
  readonly attempt: number
  readonly failures: readonly Failure[]
  /** Null if the sender tries again, or nobody does. */
  readonly retryInMs: number | null
}

/** The result of a turn of an event. */
export type Turn = HandledTurn | FailedTurn | { readonly outcome: 'parked' | 'unhandled' }

type Listener = (turn: Turn) => void

type Watched = Pick<Receiving<EventMap>, 'instrument' | 'eventTypes' | 'inbox'>

const none: readonly never[] = []

/** Records what a receiver does, from the first delivery of a test on. */
export class EventLog {
  /** The types that have a handler now. */
  readonly typesHandled: () => readonly string[]
  readonly #intakes = new AsyncLocalStorage<Intake>()
  readonly #turns = new Map<string, Turn[]>()
  readonly #listeners = new Map<string, Set<Listener>>()
  readonly #skippedBy = new Map<string, readonly string[]>()
  readonly #inbox: Watched['inbox']

  constructor(receiver: Watched) {
    this.#inbox = receiver.inbox
    this.typesHandled = () => receiver.eventTypes
    const took = (outcome: TakenEvent['outcome']) => (told: Observations['accepted']) => {
      const { key, id, type, tenant } = told
      this.#intakes.getStore()?.events.push({ key, id, type, tenant, outcome })
    }
    receiver.instrument({
      observers: {
        accepted: took('accepted'),
        duplicate: took('duplicate'),
        rejected: ({ code, reason }) => {
          const intake = this.#intakes.getStore()
          if (intake) intake.refusal = { code, reason }
        },
        handled: ({ key, attempt, durationMs }) =>
          this.#add(key, { outcome: 'handled', attempt, durationMs }),
        failed: ({ key, attempt, failures, retryInMs }) => {
          const intake = this.#intakes.getStore()
          if (intake && retryInMs === null) intake.failedKey = key
          this.#add(key, { outcome: 'failed', attempt, failures, retryInMs })
        },
        dead: ({ key, attempt, failures }) =>
          this.#add(key, { outcome: 'dead', attempt, failures, retryInMs: null }),
        parked: ({ key }) => this.#add(key, { outcome: 'parked' }),
        unhandled: ({ key }) => this.#add(key, { outcome: 'unhandled' }),
        skipped: ({ key, handlers }) =>
          void this.#skippedBy.set(key, [...(this.#skippedBy.get(key) ?? none), ...handlers]),
        redriven: ({ key }) => this.#beginAnew(key, 'dead'),
        replayed: ({ key }) => this.#beginAnew(key, 'handled'),
      },
    })
  }

  /** Records what observers are told of a delivery in its intake. */
  during<Result>(intake: Intake, deliver: () => Promise<Result>): Promise<Result> {
    return this.#intakes.run(intake, deliver)
  }

  turnsOf(key: string): readonly Turn[] {
    return this.#turns.get(key) ?? none
  }

  /**
   * The handlers that have skipped an event, if nothing else comes of it: all have, and the inbox is done with it. Nobody is told of that, and another
   * handler may be paused.
   */
  async skippersOf(key: string): Promise<readonly string[]> {
    const handlers = this.#skippedBy.get(key)
    if (handlers === undefined) return none
    const kept = await this.#inbox.get(key)
    const isOver = kept === undefined || kept.state === 'handled'
    return isOver && this.turnsOf(key).length === 0 ? handlers : none
  }

  /** Returns a function that ends it. */
  listen(key: string, listener: Listener): () => void {
    const listeners = this.#listeners.get(key) ?? new Set()
    this.#listeners.set(key, listeners.add(listener))
    return () => void listeners.delete(listener)
  }

  /** Forgets the turns before a redrive or a replay. Later turns may have been reported before it. */
  #beginAnew(key: string, ended: Turn['outcome']): void {
    const turns = this.turnsOf(key)
    this.#skippedBy.delete(key)
    this.#turns.set(key, turns.slice(turns.findIndex(({ outcome }) => outcome === ended) + 1))
  }

  #add(key: string, turn: Turn): void {
    this.#turns.set(key, [...this.turnsOf(key), turn])
    for (const listener of [...(this.#listeners.get(key) ?? [])]) listener(turn)
  }
}

const logs = new WeakMap<object, EventLog>()

/** The log of a receiver. It is created if there is none. */
export function eventLogOf(receiver: Watched): EventLog {
  const log = logs.get(receiver) ?? new EventLog(receiver)
  logs.set(receiver, log)
  return log
}
