import { bullmqInbox } from '@hookport/bullmq'
import { createReceiver, type Inbox, type Receiver } from '@hookport/core'
import { postgresInbox } from '@hookport/postgres'
import { sematryx } from '@hookport/providers/sematryx'
import pg from 'pg'
import { handOver } from '../load/hand-over.ts'
import { signedDelivery, usualBodyBytes } from '../load/sign.ts'
import { secret } from './secrets.ts'

/** Where events are kept: each name on one store is an inbox of its own. Letters, digits and underscores. */
export interface Place {
  readonly store: 'redis' | 'postgres'
  readonly url: string
  readonly name: string
}

/** What this process is told to do. Each order is answered by its `Figures`. */
export type Order =
  | { readonly do: 'open'; readonly place: Place; readonly sources: number; readonly handle: boolean }
  /** Deliveries without HTTP, dealt out to the sources, so many at once. */
  | { readonly do: 'accept'; readonly events: number; readonly atOnce: number }
  | { readonly do: 'look' }
  | { readonly do: 'close' }

export interface Figures {
  /** CPU time of the process so far, in microseconds. */
  readonly cpuMicros: number
  /** What of it went into signing what was then accepted. */
  readonly signingMicros: number
  /** Since it was opened. */
  readonly handled: number
}

/** How many deliveries are signed before the first of them is accepted. */
const signedAtOnce = 5_000

let handled = 0
let signingMicros = 0
let receivers: readonly Receiver[] = []
let end = async () => {}

process.on('message', async (order: Order) => {
  if (order.do === 'open') open(order)
  if (order.do === 'accept') await accept(order.events, order.atOnce)
  if (order.do === 'close') await end()
  process.send?.({ cpuMicros: cpuMicros(), signingMicros, handled } satisfies Figures)
})
process.on('disconnect', () => process.exit())
process.send?.('ready')

function open({ place, sources, handle }: Order & { do: 'open' }): void {
  const { inbox, endPool } = inboxAt(place)
  handled = 0
  const opened = Array.from({ length: sources }, (_, index) => {
    const receiver = createReceiver({
      provider: sematryx({ secret }),
      name: `source-${index}`,
      inbox,
      concurrency: 64,
      logger: false,
      consume: handle,
    })
    return receiver.onEvent('optimization.completed', async ({ data }) => {
      if (data.result.best_fitness > 0) handled += 1
    }) as unknown as Receiver
  })
  receivers = opened
  end = async () => {
    await Promise.all(opened.map((receiver) => receiver.stop()))
    await endPool()
  }
}

function inboxAt({ store, url, name }: Place): { inbox: Inbox; endPool(): Promise<void> } {
  if (store === 'redis')
    return { inbox: bullmqInbox({ connection: url, prefix: `{${name}}` }), endPool: async () => {} }
  const pool = new pg.Pool({ connectionString: url, max: 10 })
  pool.on('error', () => {})
  return { inbox: postgresInbox({ pool, schema: name }), endPool: () => pool.end() }
}

async function accept(events: number, atOnce: number): Promise<void> {
  for (let left = events; left > 0; left -= signedAtOnce) {
    const before = cpuMicros()
    const deliveries = Array.from({ length: Math.min(left, signedAtOnce) }, () =>
      signedDelivery('sematryx', usualBodyBytes),
    )
    signingMicros += cpuMicros() - before
    for (let first = 0; first < deliveries.length; first += atOnce)
      await Promise.all(
        deliveries
          .slice(first, first + atOnce)
          .map((delivery, index) => handOver(receivers[index % receivers.length] as Receiver, delivery)),
      )
  }
}

function cpuMicros(): number {
  const { user, system } = process.cpuUsage()
  return user + system
}
