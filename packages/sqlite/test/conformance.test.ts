import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { type InboxHarness, type InboxStore, inboxSuite } from '@hookport/conformance/inbox'
import { manualClock } from '@hookport/core/testing'
import { sqliteInbox } from '@hookport/sqlite'
import { test } from 'vitest'

const harness: InboxHarness = { durable: true, timeUnitMs: 1_000, createStore }

for (const { id, name, run } of inboxSuite) {
  test(`${id} ${name}`, { timeout: 60_000 }, () => run(harness))
}

async function createStore(): Promise<InboxStore> {
  const folder = await mkdtemp(join(tmpdir(), 'hookport-sqlite-'))
  const path = join(folder, 'inbox.db')
  const clock = manualClock(Date.parse('2026-11-20T12:00:00Z'))
  return {
    open: () => sqliteInbox({ path, clock }),
    now: () => clock.now(),
    advance: (ms) => clock.advance(ms),
    loseLeases: async () => endLeases(path, clock.elapsed()),
    expireLeases: async () => endLeases(path, clock.elapsed()),
    dispose: () => rm(folder, { recursive: true, force: true }),
  }
}

/** The leases that run end now, in the file: a consumer that holds one learns of it as if it had slept through it. */
function endLeases(path: string, now: number): void {
  const database = new DatabaseSync(path)
  database.prepare('UPDATE events SET due_at = ? WHERE lease_token IS NOT NULL AND rest IS NULL').run(now)
  database.close()
}
