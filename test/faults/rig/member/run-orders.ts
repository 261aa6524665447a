import { closeSync, openSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type HandlerContext, PermanentError } from '@hookport/core'
import type { HandlerName } from './handler-sets.ts'
import type { Journal } from './journal.ts'
import { currentTurn } from './journaled-inbox.ts'
import type { LoopWatch } from './loop-watch.ts'
import { poisonExitCode } from './member-settings.ts'
import { type Orders, type Trouble, throwBadly } from './orders.ts'

export interface OrderTools {
  readonly journal: Journal
  readonly loop: LoopWatch
  readonly leaseMs: number
  /** A folder that remembers what an event has done once. */
  readonly once: string
}

interface OrderedEvent {
  readonly id: string
  readonly data: unknown
}

/** Does what an event asks a handler to do. Its effect is a line of the journal. */
export async function runOrders(
  handler: HandlerName,
  { id, data }: OrderedEvent,
  { attempt }: Pick<HandlerContext, 'attempt'>,
  tools: OrderTools,
): Promise<void> {
  const { workMs, trouble } = (data as { orders: Orders }).orders
  const ours = trouble?.at === handler ? trouble : undefined
  await sleep(workMs)
  if (ours) makeTrouble(ours, id, attempt, tools)
  const failing = ours?.kind === 'fails late' && attempt <= (ours.times ?? attempt)
  const turn = currentTurn.getStore() ?? 'none'
  tools.journal.write({ kind: 'effect', turn, id, handler, failing })
  if (failing) throwBadly(ours.error)
}

function makeTrouble(
  { kind, times, error }: Trouble,
  id: string,
  attempt: number,
  { journal, loop, leaseMs, once }: OrderTools,
): void {
  if (kind === 'fails' && attempt <= (times ?? attempt)) throwBadly(error)
  if (kind === 'gives up') throw new PermanentError('the handler gives up on purpose')
  if (kind !== 'exits' && kind !== 'blocks') return
  if (times !== null && !isLeft(join(once, `${id}-${kind}`), times)) return
  if (kind === 'blocks') loop.block(2 * leaseMs)
  else endProcess(id, journal)
}

function endProcess(id: string, journal: Journal): never {
  journal.write({ kind: 'exiting', id })
  process.exit(poisonExitCode)
}

/** Whether this was done fewer times than that, by whatever process; if so it counts as done once more. */
function isLeft(mark: string, times: number): boolean {
  for (let time = 1; time <= times; time++) {
    try {
      closeSync(openSync(`${mark}-${time}`, 'wx'))
      return true
    } catch {
      // This time is over.
    }
  }
  return false
}
