import type { TakeRequest } from '@hookport/core/inbox-kit'
import { postgresInbox } from '@hookport/postgres'
import { expect, onTestFinished, test } from 'vitest'
import { newSchema } from './support/new-schema.ts'
import { remembered, sampleEvent } from './support/sample-event.ts'
import { sentOn } from './support/sent-on.ts'
import { asking, storeOn } from './support/store-on.ts'
import { testServer } from './support/test-server.ts'

const database = testServer()

/** Events in a state each, and what a taking says is left, which has no room unless told. */
async function leftOf(states: Record<string, string>, request: Partial<TakeRequest> = {}) {
  const schema = newSchema()
  const pool = database.pool()
  const inbox = postgresInbox({ pool, schema })
  onTestFinished(() => inbox.close())
  for (const [id, state] of Object.entries(states)) {
    await inbox.put(sampleEvent(id), remembered)
    await database.ask(`UPDATE ${schema}.events SET ${state} WHERE id = '${id}'`)
  }
  const taking = database.pool()
  const sent = sentOn(taking)
  const { nextDueMs, aloneIsDue } = await storeOn(taking, schema).take(() => asking({ limit: 0, ...request }))
  const looksForWaiting = sent.some((statement) => statement.includes('has_to_be_alone'))
  return { nextDueMs, aloneIsDue, looksForWaiting }
}

const nothing = { nextDueMs: undefined, aloneIsDue: false, looksForWaiting: false }
const inAnHour = 'due_at = due_at + 3600000'
const inADay = 'due_at = due_at + 86400000'

test.each<[string, Record<string, string>, Partial<TakeRequest>, object]>([
  ['what is due, where there is no room for it', { one: 'due_at = 1' }, {}, { nextDueMs: 0 }],
  ['what it takes itself', { one: 'due_at = 1' }, { limit: 8 }, {}],
  ['what is due in another source', { one: `source = 'other'` }, {}, {}],
  ['what runs here, though its lease is over', { one: 'due_at = 1' }, { running: new Set(['acme:one']) }, {}],
  ['what has to run alone', { one: 'suspect = true' }, {}, { aloneIsDue: true }],
  ['what has to run alone, an hour later', { one: `suspect = true, ${inAnHour}` }, {}, {}],
  [
    'what waits for a handler',
    { one: `rest = 'parked', rested_at = due_at, due_at = NULL` },
    {},
    { looksForWaiting: true },
  ],
  [
    'what is scheduled until it is wanted',
    { one: `until_wanted = true, ${inAnHour}` },
    {},
    { nextDueMs: expect.any(Number), looksForWaiting: true },
  ],
  [
    'what waits for a handler of another type',
    { one: `until_wanted = true, due_at = 'infinity'` },
    { wanted: { types: ['order.other'], others: 'park' } },
    { nextDueMs: Number.POSITIVE_INFINITY },
  ],
  [
    'what waits for a handler in another source',
    { one: `source = 'other', until_wanted = true, ${inAnHour}` },
    {},
    {},
  ],
])('what a taking says is left: %s', async (_, states, request, expected) => {
  expect(await leftOf(states, request)).toEqual({ ...nothing, ...expected })
})

test('a taking says when the first event is due of those that are due later', async () => {
  const { nextDueMs = 0 } = await leftOf({ late: inADay, first: inAnHour, later: inADay })
  expect(nextDueMs).toBeGreaterThan(0)
  expect(nextDueMs).toBeLessThanOrEqual(3_600_000)
})
