import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { manualClock } from '@hookport/core/testing'
import { sqliteInbox } from '@hookport/sqlite'
import { sampleEvent } from './sample-event.ts'
import { percentile } from './statistics.ts'

export interface PruneResult {
  readonly while: string
  readonly puts: number
  readonly medianMs: number
  readonly p99Ms: number
  readonly longestMs: number
}

const forgotten = 100_000
const puts = 1_000
const windowMs = 60_000

/** How long puts take, one after the other, before and while a hundred thousand forgotten ids are pruned. */
export async function measurePrune(): Promise<PruneResult[]> {
  const folder = await mkdtemp(join(tmpdir(), 'hookport-bench-'))
  const clock = manualClock()
  const inbox = sqliteInbox({ path: join(folder, 'prune.db'), clock })
  const logger = { debug() {}, info() {}, warn() {}, error() {} }
  const consumer = inbox.consume(async () => ({ outcome: 'done' }), {
    provider: 'bench',
    concurrency: 64,
    logger,
  })
  for (let done = 0; done < forgotten; done += 250) {
    await Promise.all(Array.from({ length: 250 }, () => inbox.put(sampleEvent(), { rememberMs: windowMs })))
  }
  await consumer.idle()
  const before = await measurePuts('nothing is pruned')
  await clock.advance(windowMs)
  const during = await measurePuts('100,000 ids are pruned')
  await inbox.close()
  await rm(folder, { recursive: true, force: true })
  return [before, during]

  async function measurePuts(name: string): Promise<PruneResult> {
    const waits: number[] = []
    for (let put = 0; put < puts; put++) {
      const askedAt = performance.now()
      await inbox.put(sampleEvent(), { rememberMs: 10 * windowMs })
      waits.push(performance.now() - askedAt)
      await new Promise((resolve) => setTimeout(resolve, 2))
    }
    return {
      while: name,
      puts,
      medianMs: percentile(waits, 50),
      p99Ms: percentile(waits, 99),
      longestMs: Math.max(...waits),
    }
  }
}
