import type { Inbox, Verdict } from '@hookport/core'
import { postgresInbox } from '@hookport/postgres'
import { expect, test } from 'vitest'
import { newSchema } from './support/new-schema.ts'
import { consuming, remembered, sampleEvent } from './support/sample-event.ts'
import { testServer } from './support/test-server.ts'

const database = testServer()
const progress = { completed: [], abandoned: [] }
const done: Verdict = { outcome: 'done', progress }
const hour = 3_600_000

/** An inbox whose pauses between two looks for work grow up to an hour, unless it is woken. */
function rarelyLooking(verdicts: Record<string, Verdict>) {
  const inbox = postgresInbox({ pool: database.pool(), schema: newSchema(), pollMs: hour })
  const ids: string[] = []
  const left = new Map(Object.entries(verdicts))
  inbox.consume(async ({ event: { id } }) => {
    ids.push(id)
    const verdict = left.get(id) ?? done
    left.delete(id)
    return verdict
  }, consuming())
  return { inbox, ids }
}

/** The pauses are 20 ms first, and twice as long each time: after six seconds the next look is four seconds away. */
async function rest(inbox: Inbox, ids: readonly string[], expected: readonly string[]): Promise<void> {
  await expect.poll(() => ids).toEqual(expected)
  await new Promise((resolve) => setTimeout(resolve, 6_000))
  expect((await inbox.counts()).active).toBe(0)
}

test.each<[string, Verdict, (inbox: Inbox) => unknown]>([
  ['redriven', { outcome: 'dead', progress, failures: [] }, (inbox) => inbox.redrive('acme:one')],
  ['replayed', { ...done, keepMs: hour }, (inbox) => inbox.replay('acme:one', { id: 'again' })],
])(
  'an event that is %s is handed out at once, without a look of the consumer’s',
  async (_, verdict, act) => {
    const { inbox, ids } = rarelyLooking({ one: verdict })
    await inbox.put(sampleEvent('one'), remembered)
    await rest(inbox, ids, ['one'])
    expect(await act(inbox)).toBe(true)
    await expect.poll(() => ids, { timeout: 2_000 }).toEqual(['one', 'one'])
    await inbox.close()
  },
  30_000,
)

test('so is the next of an order key, where the one in front is discarded', async () => {
  const waits: Verdict = {
    outcome: 'retry',
    delayMs: hour,
    progress,
    failures: [],
    attemptUsed: true,
  }
  const { inbox, ids } = rarelyLooking({ front: waits })
  for (const id of ['front', 'next']) await inbox.put(sampleEvent(id, { orderKey: 'line' }), remembered)
  await rest(inbox, ids, ['front'])
  expect(await inbox.discard('acme:front')).toBe(true)
  await expect.poll(() => ids, { timeout: 2_000 }).toEqual(['front', 'next'])
  await inbox.close()
})

test('so is an event that was claimed, and is parked for who has a handler', async () => {
  const { inbox, ids } = rarelyLooking({})
  await rest(inbox, ids, [])
  const event = sampleEvent('one')
  const claim = await inbox.claim(event, { ...remembered, leaseMs: hour })
  if (claim.outcome !== 'claimed') throw new Error(claim.outcome)
  expect(await inbox.park(claim.lease, event, { ...remembered, progress, failures: [] })).toBe(true)
  await expect.poll(() => ids, { timeout: 2_000 }).toEqual(['one'])
  await inbox.close()
})
