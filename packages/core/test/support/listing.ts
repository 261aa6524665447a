import {
  defineSource,
  type ListedPage,
  type ListedThing,
  type PagePosition,
  type Source,
  type SourceDefinition,
} from '@hookport/core'
import type { ManualClock } from '@hookport/core/testing'
import { acme, acmeSecret, readAcmeEnvelope } from './acme.ts'

export interface Order {
  readonly id: string
  readonly createdAt: number
  endedAt: number | undefined
  tenant?: string
  deliveryFailed?: string
  /** Its event can't be made. */
  isBroken?: boolean
}

/** Acme, whose orders are paid once: what tells of it has the order's id beside its own. */
export function acmeOrders(more: Parameters<typeof acme>[0] = { secret: acmeSecret }) {
  return acme({
    endings: { 'order.paid': 'paid' },
    readEnvelope: (payload) => ({ ...readAcmeEnvelope(payload), subject: payload.order as string }),
    ...more,
  })
}

/** The list of a made-up provider: its newest order first. */
export class Orders {
  readonly orders: Order[] = []
  readonly asked: PagePosition[] = []
  /** Called ahead of every page: may throw, or change the list. */
  beforePage: (position: PagePosition) => void | Promise<void> = () => {}
  /** Changes what is answered. */
  spoil: (page: ListedPage) => ListedPage = (page) => page
  readonly #clock: Pick<ManualClock, 'now'>
  readonly #pageSize: number

  constructor(clock: Pick<ManualClock, 'now'>, pageSize = 3) {
    this.#clock = clock
    this.#pageSize = pageSize
  }

  open(id: string, createdAt = this.#clock.now()): Order {
    const order: Order = { id, createdAt, endedAt: undefined }
    this.orders.unshift(order)
    return order
  }

  end(order: Order): Order {
    order.endedAt = this.#clock.now()
    return order
  }

  /** Ended as soon as opened. */
  paid(id: string): Order {
    return this.end(this.open(id))
  }

  source(more: Partial<SourceDefinition> = {}): Source {
    return defineSource({
      provider: 'acme',
      every: 60_000,
      isWhole: true,
      readPage: async (_, position) => {
        this.asked.push(position)
        await this.beforePage(position)
        const from = position.pagesBefore * this.#pageSize
        const items = this.orders.slice(from, from + this.#pageSize).map(listed)
        const isLast = from + items.length >= this.orders.length
        return this.spoil({ items, count: items.length, isLast })
      },
      find: async (_, subject) => {
        const found = this.orders.find(({ id }) => id === subject)
        return found && listed(found)
      },
      ...more,
    })
  }
}

function listed(order: Order): ListedThing {
  const { id, createdAt, endedAt, tenant, deliveryFailed } = order
  return {
    subject: id,
    tenant,
    status: endedAt === undefined ? 'open' : 'paid',
    createdAt,
    hasEnded: endedAt !== undefined,
    endedAt,
    deliveryFailed,
    answer: order,
    event() {
      if (order.isBroken) throw new Error('this order has no event')
      return { id: `listed_${id}`, type: 'order.paid', at: endedAt, order: id, data: { amount: 7 } }
    },
  }
}
