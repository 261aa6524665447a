import assert from 'node:assert/strict'
import type { Inbox, ListFilter } from '@hookport/core'
import { listedIds } from './expectations.ts'
import { remembered, sampleEvent, sampleEvents, sampleFailure } from './sample-event.ts'

/** Takes away the events at which a list would continue, one after the other. Those behind them stay, and are at their places. */
export async function assertContinued(inbox: Inbox, newestFirst: boolean): Promise<void> {
  // At once, as dead letters of one moment have no order of their own in some stores.
  const options = { ...remembered, failure: sampleFailure }
  await Promise.all(sampleEvents(9).map(async (event) => inbox.put(event, options)))
  const filter: ListFilter = { state: 'dead', newestFirst, limit: 3 }
  const { cursor } = await inbox.list(filter)
  assert.ok(cursor)
  const rest = await listedIds(inbox, { ...filter, limit: 100, cursor })
  assert.equal(rest.length, 6)
  for (const [gone, id] of rest.entries()) {
    await inbox.discard(sampleEvent({ id }).key)
    const left = await listedIds(inbox, { ...filter, limit: 100, cursor })
    assert.deepEqual(left, rest.slice(gone + 1), `${gone + 1} of them are gone`)
  }
}
