import { join } from 'node:path'
import { bullmqInbox } from '@hookport/bullmq'
import { createReceiver, type Inbox } from '@hookport/core'
import { sematryx } from '@hookport/providers/sematryx'
import { sqliteInbox } from '@hookport/sqlite'
import { Queue, Worker } from 'bullmq'
import { withRedis } from '../load/redis.ts'
import { signedDelivery, usualBodyBytes } from '../load/sign.ts'
import { withFolder } from '../load/temporary-folder.ts'
import { secret } from '../servers/secrets.ts'
import { median } from '../statistics/percentile.ts'
import { inGroups } from './bench-events.ts'

export interface ConsumptionResult {
  readonly name: string
  readonly events: number
  readonly eventsPerSecond: number
  readonly cpuMicrosPerEvent: number
}

/** Handles what was accepted before; resolves when all of it is. */
type Drain = () => Promise<void>

const concurrency = 64
const rounds = 5

/** How fast one process handles what was accepted before. Contenders take turns; medians over the rounds. */
export function measureConsumption(events: number): Promise<ConsumptionResult[]> {
  return withFolder((folder) => withRedis((url) => takeTurns(contendersFor(events, folder, url), events)))
}

/** Each fills a store with events of its own, anew for every round. */
type Contenders = Readonly<Record<string, (round: number) => Promise<Drain>>>

function contendersFor(events: number, folder: string, redisUrl: string): Contenders {
  const sqlite = (synchronous: 'full' | 'normal', round: number) =>
    sqliteInbox({ path: join(folder, `${synchronous}-${round}.db`), synchronous })
  return {
    'BullMQ Worker by hand': (round) => fillQueue(redisUrl, `{rival-${round}}`, events),
    'hookport, BullMQ': (round) =>
      fillInbox(bullmqInbox({ connection: redisUrl, prefix: `{ours-${round}}` }), events),
    'hookport, SQLite FULL': (round) => fillInbox(sqlite('full', round), events),
    'hookport, SQLite NORMAL': (round) => fillInbox(sqlite('normal', round), events),
  }
}

async function takeTurns(contenders: Contenders, events: number): Promise<ConsumptionResult[]> {
  const measured = Object.entries(contenders).map(([name, fill]) => ({
    name,
    fill,
    ms: [] as number[],
    micros: [] as number[],
  }))
  for (let round = 0; round <= rounds; round++) {
    for (const { fill, ms, micros } of measured) {
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

async function fillInbox(inbox: Inbox, events: number): Promise<Drain> {
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
    const { headers, body } = signedDelivery('sematryx', usualBodyBytes)
    const { status } = await receiver.receive({
      method: 'POST',
      url: '/webhook',
      headers: { get: (name) => headers[name] },
      readBody: () => Buffer.from(body),
    })
    if (status !== 200) throw new Error(`a delivery was answered ${status}`)
  })
  return async () => {
    receiver.start()
    await countdown.atZero
    await receiver.stop()
  }
}

async function fillQueue(url: string, prefix: string, events: number): Promise<Drain> {
  const countdown = countDown(events)
  const queue = new Queue('webhooks', { connection: { url }, prefix })
  await inGroups(events, async () => {
    const event = JSON.parse(signedDelivery('sematryx', usualBodyBytes).body)
    const deduplication = { id: event.id, ttl: 259_200_000 }
    await queue.add(event.type, event, { deduplication, removeOnComplete: true })
  })
  return async () => {
    const worker = new Worker(
      'webhooks',
      async () => {
        countdown.next()
      },
      { connection: { url }, prefix, concurrency },
    )
    await countdown.atZero
    await worker.close()
    await queue.close()
  }
}

function countDown(from: number): { next(): void; atZero: Promise<void> } {
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
