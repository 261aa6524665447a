import { ConfigurationError } from '../contracts/errors.ts'
import type { OrderOptions } from '../contracts/receiver/order.ts'
import { assertFitting, assertKnown, oneOf } from '../options/option-table.ts'

const known: Record<keyof OrderOptions, true> = { by: true, older: true, rank: true }

/** @throws {ConfigurationError} for an order that can't work. */
export function assertOrder(order: OrderOptions | undefined, acknowledge: string): void {
  if (order === undefined) return
  if (typeof order !== 'object' || order === null)
    throw new ConfigurationError('order must be an object, as { by: (event) => event.data.run_id }')
  assertKnown(order, known, 'order.')
  for (const name of ['by', 'rank'] as const) {
    if (typeof order[name] === 'function' || (name === 'rank' && order.rank === undefined)) continue
    throw new ConfigurationError(`order.${name} is ${typeof order[name]}; it must be a function of the event`)
  }
  assertFitting({ older: oneOf('handle', 'skip') }, { older: order.older ?? 'handle' }, 'order.')
  if (acknowledge === 'after-handlers')
    throw new ConfigurationError(
      "order needs acknowledge: 'on-receipt': with 'after-handlers' the sender would wait for the handlers of other events as well",
    )
}
