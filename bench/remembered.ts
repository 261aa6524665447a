import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { bullmqInbox } from '@hookport/bullmq'
import { type Inbox, memoryInbox } from '@hookport/core'
import { sqliteInbox } from '@hookport/sqlite'
import { Redis } from 'ioredis'
import { startRedis } from './redis.ts'
import { sampleEvent } from './sample-event.ts'
import { median } from './statistics.ts'

export interface RememberedResult {
  readonly inbox: string
  readonly ids: number
  readonly bytesPerId: number
  /** Median microseconds of a put, in groups of 64, into an empty inbox and into one that remembers all ids. */
  readonly emptyPutMicros: number
  readonly fullPutMicros: number
}

const groupSize = 64
const options = { rememberMs: 3 * 24 * 3600_000 }

/** What an inbox costs that remembers many ids. Events are handled and gone, as they would be; their ids remain. */
export async function measureRemembered(ids: number): Promise<RememberedResult[]> {
  const folder = await mkdtemp(join(tmpdir(), 'hookport-bench-'))
  const path = join(folder, 'ids.db')
  const redis = await startRedis()
  const client = new Redis(redis.url)
  try {
    return [
      await measure('memory', memoryInbox({ maxIds: 2 * ids, maxBytes: 2 ** 40 }), ids, async () =>
        heapBytes(),
      ),
      await measure('sqlite', sqliteInbox({ path }), ids, async () => (await stat(path)).size),
      await measure('bullmq', bullmqInbox({ connection: redis.url }), ids, async () => {
        return Number(/used_memory:(\d+)/.exec(String(await client.info('memory')))?.[1])
      }),
    ]
  } finally {
    client.disconnect()
    await redis.stop()
    await rm(folder, { recursive: true, force: true })
  }
}

async function measure(
  name: string,
  inbox: Inbox,
  ids: number,
  bytesUsed: () => Promise<number>,
): Promise<RememberedResult> {
  const logger = { debug() {}, info() {}, warn() {}, error() {} }
  const consumer = inbox.consume(async () => ({ outcome: 'done' }), {
    provider: 'bench',
    concurrency: 64,
    logger,
  })
  const puts = async (count: number) => {
    const micros: number[] = []
    for (let done = 0; done < count; done += groupSize) {
      const events = Array.from({ length: groupSize }, sampleEvent)
      const startedAt = performance.now()
      await Promise.all(events.map((event) => inbox.put(event, options)))
      micros.push(((performance.now() - startedAt) * 1000) / groupSize)
    }
    return median(micros)
  }
  await puts(20_000)
  await consumer.idle()
  const bytesBefore = await bytesUsed()
  const emptyPutMicros = await puts(20_000)
  await consumer.idle()
  await puts(ids - 40_000)
  await consumer.idle()
  const bytesPerId = ((await bytesUsed()) - bytesBefore) / (ids - 20_000)
  const fullPutMicros = await puts(20_000)
  await inbox.close()
  return { inbox: name, ids, bytesPerId, emptyPutMicros, fullPutMicros }
}

function heapBytes(): number {
  globalThis.gc?.()
  globalThis.gc?.()
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}
