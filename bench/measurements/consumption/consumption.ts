import { join } from 'node:path'
import { bullmqInbox } from '@hookport/bullmq'
import { sqliteInbox } from '@hookport/sqlite'
import { Queue, Worker } from 'bullmq'
import { withRedis } from '../../load/redis.ts'
import { signedDelivery, usualBodyBytes } from '../../load/sign.ts'
import { withFolder } from '../../load/temporary-folder.ts'
import { inGroups } from '../bench-events.ts'
import {
  type ConsumptionResult,
  type Contenders,
  concurrency,
  countDown,
  type Drain,
  fillInbox,
  takeTurns,
} from './consume-in-turns.ts'

export function measureConsumption(events: number): Promise<ConsumptionResult[]> {
  return withFolder((folder) => withRedis((url) => takeTurns(contendersFor(events, folder, url), events)))
}

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
