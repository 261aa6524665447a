import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { bullmqInbox } from '@hookport/bullmq'
import { type Inbox, memoryInbox } from '@hookport/core'
import { sqliteInbox } from '@hookport/sqlite'
import { Redis } from 'ioredis'
import { withRedis } from '../../load/redis.ts'
import { withFolder } from '../../load/temporary-folder.ts'
import { median } from '../../statistics/percentile.ts'
import { benchEvent, consumeBenchEvents } from '../bench-events.ts'

export interface RememberedResult {
  readonly inbox: string
  readonly ids: number
  readonly bytesPerId: number
  /** Median microseconds of a put, in groups of 64, into an empty inbox and into one that remembers all ids. */
  readonly emptyPutMicros: number
  readonly fullPutMicros: number
}

const groupSize = 64
/** What waits to be handled is no more than this many groups, so that what is measured are ids and not a backlog's memory or its file. */
const groupsAhead = 100
const options = { rememberMs: 3 * 24 * 3600_000 }

/** What an inbox costs that remembers many ids. Events are handled and gone, as they would be; their ids remain. */
export async function measureRemembered(ids: number): Promise<RememberedResult[]> {
  return [
    await measure('memory', memoryInbox({ maxIds: 2 * ids, maxBytes: 2 ** 40 }), ids, async () =>
      heapBytes(),
    ),
    await withFolder((folder) => {
      const path = join(folder, 'ids.db')
      return measure('sqlite', sqliteInbox({ path }), ids, async () => (await stat(path)).size)
    }),
    await withRedis(async (url) => {
      const client = new Redis(url)
      const usedMemory = async () =>
        Number(/used_memory:(\d+)/.exec(String(await client.info('memory')))?.[1])
      try {
        return await measure('bullmq', bullmqInbox({ connection: url }), ids, usedMemory)
      } finally {
        client.disconnect()
      }
    }),
  ]
}

async function measure(
  name: string,
  inbox: Inbox,
  ids: number,
  bytesUsed: () => Promise<number>,
): Promise<RememberedResult> {
  const consumer = consumeBenchEvents(inbox)
  const puts = async (count: number) => {
    const micros: number[] = []
    for (let done = 0; done < count; done += groupSize) {
      const events = Array.from({ length: groupSize }, benchEvent)
      const startedAt = performance.now()
      await Promise.all(events.map((event) => inbox.put(event, options)))
      micros.push(((performance.now() - startedAt) * 1000) / groupSize)
      if (micros.length % groupsAhead === 0) await consumer.idle()
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
