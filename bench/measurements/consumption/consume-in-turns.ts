import { createReceiver, type Inbox } from '@hookport/core'
import { sematryx } from '@hookport/providers/sematryx'
import { handOver } from '../../load/hand-over.ts'
import { signedDelivery, usualBodyBytes } from '../../load/sign.ts'
import { secret } from '../../servers/secrets.ts'
import { median } from '../../statistics/percentile.ts'
import { inGroups } from '../bench-events.ts'

export interface ConsumptionResult {
  readonly name: string
  readonly events: number
  readonly eventsPerSecond: number
  readonly cpuMicrosPerEvent: number
}

/** Handles what was accepted before; resolves when all of it is. */
export type Drain = () => Promise<void>

/** Each fills a store with events of its own, anew for every round. */
export type Contenders = Readonly<Record<string, (round: number) => Promise<Drain>>>

export const concurrency = 64
const rounds = 12

/** How fast one process handles what was accepted before. Contenders take turns, each as often first as last; medians over the rounds. */
export async function takeTurns(contenders: Contenders, events: number): Promise<ConsumptionResult[]> {
  const measured = Object.entries(contenders).map(([name, fill]) => ({
    name,
    fill,
    ms: [] as number[],
    micros: [] as number[],
  }))
  for (let round = 0; round <= rounds; round++) {
    const first = round % measured.length
    for (const { fill, ms, micros } of [...measured.slice(first), ...measured.slice(0, first)]) {
      const drain = await fill(round)
      const cpuBefore = process.cpuUsage()
      const startedAt = performance.now()
      await drain()
      const { user, system } = process.cpuUsage(cpuBefore)
      if (round === 0) continue // to warm up
      ms.push(performance.now() - startedAt)
      micros.push(user + system)
    }
  }
  return measured.map(({ name, ms, micros }) => ({
    name,
    events,
    eventsPerSecond: (events / median(ms)) * 1000,
    cpuMicrosPerEvent: median(micros) / events,
  }))
}

export async function fillInbox(inbox: Inbox, events: number): Promise<Drain> {
  const countdown = countDown(events)
  const receiver = createReceiver({
    logger: false,
    provider: sematryx({ secret }),
    inbox,
    concurrency,
    consume: false,
  })
  receiver.onEvent('optimization.completed', async () => {
    countdown.next()
  })
  await inGroups(events, async () => {
    await handOver(receiver, signedDelivery('sematryx', usualBodyBytes))
  })
  return async () => {
    receiver.start()
    await countdown.atZero
    await receiver.stop()
  }
}

export function countDown(from: number): { next(): void; atZero: Promise<void> } {
  let left = from
  let resolve = () => {}
  const atZero = new Promise<void>((settle) => {
    resolve = settle
  })
  const next = () => {
    left -= 1
    if (left === 0) resolve()
  }
  return { next, atZero }
}
