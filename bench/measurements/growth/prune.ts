import { join } from 'node:path'
import type { Inbox } from '@hookport/core'
import { manualClock } from '@hookport/core/testing'
import { sqliteInbox } from '@hookport/sqlite'
import { withFolder } from '../../load/temporary-folder.ts'
import { percentile } from '../../statistics/percentile.ts'
import { benchEvent, consumeBenchEvents, inGroups } from '../bench-events.ts'

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
export function measurePrune(): Promise<PruneResult[]> {
  return withFolder(async (folder) => {
    const clock = manualClock()
    const inbox = sqliteInbox({ path: join(folder, 'prune.db'), clock })
    const consumer = consumeBenchEvents(inbox)
    await inGroups(forgotten, () => inbox.put(benchEvent(), { rememberMs: windowMs }))
    await consumer.idle()
    const before = await measurePuts(inbox, 'nothing is pruned')
    await clock.advance(windowMs)
    const during = await measurePuts(inbox, `${forgotten.toLocaleString('en')} ids are pruned`)
    await inbox.close()
    return [before, during]
  })
}

async function measurePuts(inbox: Inbox, name: string): Promise<PruneResult> {
  const waits: number[] = []
  for (let put = 0; put < puts; put++) {
    const askedAt = performance.now()
    await inbox.put(benchEvent(), { rememberMs: 10 * windowMs })
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
