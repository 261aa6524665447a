import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { bullmqInbox } from '@hookport/bullmq'
import { createReceiver, type Inbox } from '@hookport/core'
import { sematryx } from '@hookport/providers/sematryx'
import { sqliteInbox } from '@hookport/sqlite'
import { Queue, Worker } from 'bullmq'
import { startRedis } from './redis.ts'
import { signedDelivery } from './sign.ts'
import { median } from './statistics.ts'

export interface ConsumptionResult {
  readonly name: string
  readonly events: number
  readonly eventsPerSecond: number
  readonly cpuMicrosPerEvent: number
}

/** Handles what was accepted before; resolves when all of it is. */
type Drain = () => Promise<void>

const secret = 'benchmark-secret-of-some-length'
const concurrency = 64
const rounds = 5

/** How fast accepted events are handled, in one process, once it begins. Contenders take turns; medians over the rounds. */
export async function measureConsumption(events: number): Promise<ConsumptionResult[]> {
  const folder = await mkdtemp(join(tmpdir(), 'hookport-bench-'))
  const redis = await startRedis()
  const sqlite = (synchronous: 'full' | 'normal', round: number) =>
    sqliteInbox({ path: join(folder, `${synchronous}-${round}.db`), synchronous })
  const contenders: Record<string, (round: number) => Promise<Drain>> = {
    'BullMQ Worker by hand': (round) => fillQueue(redis.url, `{rival-${round}}`, events),
    'hookport, BullMQ': (round) =>
      fillInbox(bullmqInbox({ connection: redis.url, prefix: `{ours-${round}}` }), events),
    'hookport, SQLite FULL': (round) => fillInbox(sqlite('full', round), events),
    'hookport, SQLite NORMAL': (round) => fillInbox(sqlite('normal', round), events),
  }
  const measured = new Map(Object.keys(contenders).map((name) => [name, { ms: [0], micros: [0] }]))
  for (let round = 0; round <= rounds; round++) {
    for (const [name, fill] of Object.entries(contenders)) {
      const drain = await fill(round)
      const cpuBefore = process.cpuUsage()
      const startedAt = performance.now()
      await drain()
      const { user, system } = process.cpuUsage(cpuBefore)
      if (round === 0)
        measured.set(name, { ms: [], micros: [] }) // to warm up
      else {
        measured.get(name)?.ms.push(performance.now() - startedAt)
        measured.get(name)?.micros.push(user + system)
      }
    }
  }
  await redis.stop()
  await rm(folder, { recursive: true, force: true })
  return [...measured].map(([name, { ms, micros }]) => ({
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
    const { headers, body } = signedDelivery('sematryx', 425)
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
    const event = JSON.parse(signedDelivery('sematryx', 425).body)
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

async function inGroups(count: number, task: () => Promise<void>): Promise<void> {
  for (let done = 0; done < count; done += 250) await Promise.all(Array.from({ length: 250 }, task))
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
