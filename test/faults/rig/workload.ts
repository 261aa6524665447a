import { type SignedDelivery, sampleEvent, signDelivery } from '@hookport/sender'
import type { EventType, HandlerName } from './member/handler-sets.ts'
import { badErrors, type Orders, type Trouble } from './member/orders.ts'
import { between, pick, type Random, randomOf } from './random.ts'
import type { EventFault } from './schedule.ts'

/** An event of the run. */
export interface RigEvent {
  readonly id: string
  readonly type: EventType
  readonly orders: Orders
  /** Whether it is sent again after it was acknowledged. */
  readonly comesAgain: boolean
}

export interface WorkloadOptions {
  readonly seed: number
  readonly secret: string
  /** How long handlers take, in milliseconds, at least and at most. */
  readonly workMs: readonly [number, number]
}

const types: readonly EventType[] = [
  'optimization.completed',
  'optimization.completed',
  'optimization.failed',
  'optimization.failed',
  'strategy.changed',
]

/** What is drawn from a seed: event after event, most of them harmless. */
export class Workload {
  readonly #options: WorkloadOptions
  readonly #random: Random
  #drawn = 0

  constructor(options: WorkloadOptions) {
    this.#options = options
    this.#random = randomOf(options.seed ^ 0x5eed)
  }

  next(): RigEvent {
    const type = pick(this.#random, types)
    const dice = this.#random()
    const at = type === 'optimization.failed' ? 'note' : type === 'strategy.changed' ? 'adapt' : 'mail'
    if (dice < 0.05) return this.#event(type, { kind: 'fails', at, times: 2 })
    if (dice < 0.08) return this.#event(type, { kind: 'fails late', at, times: 1 })
    return this.#event(type)
  }

  /** Events that are a fault. */
  ofFault(fault: EventFault): RigEvent[] {
    const at = pick<HandlerName>(this.#random, ['charge', 'mail'])
    const one = (trouble: Trouble) => this.#event('optimization.completed', trouble)
    switch (fault) {
      case 'bad errors':
        return badErrors.map((error) => one({ kind: 'fails', at, times: 1, error }))
      case 'block':
        return [one({ kind: 'blocks', at, times: 1 })]
      case 'crash once':
        return [one({ kind: 'exits', at, times: 1 })]
      case 'give up':
        return [one({ kind: 'gives up', at, times: null })]
      case 'poison':
        return [one({ kind: 'exits', at, times: null })]
    }
  }

  #event(type: EventType, trouble?: Trouble): RigEvent {
    const { seed, workMs } = this.#options
    const id = `evt_${seed}_${++this.#drawn}`
    const orders: Orders = { workMs: between(this.#random, ...workMs), ...(trouble && { trouble }) }
    return { id, type, orders, comesAgain: this.#random() < 0.125 }
  }

  /** Signed now. */
  sign({ id, type, orders }: RigEvent): SignedDelivery {
    const sample = sampleEvent('sematryx', type)
    const event = { ...sample, id, data: { ...sample.data, orders } }
    return signDelivery({ provider: 'sematryx', form: 'compact', secret: this.#options.secret, event })
  }
}

/** Whether it becomes a dead letter, as it should. */
export function mustDie({ orders: { trouble } }: RigEvent): boolean {
  return trouble?.times === null
}
