import { postgresInbox } from '@hookport/postgres'
import { expect, test } from 'vitest'
import { newSchema } from './support/new-schema.ts'
import { remembered, sampleEvent } from './support/sample-event.ts'
import { testServer } from './support/test-server.ts'

const database = testServer()

test.each([
  ['deliveries', {}],
  ['events of an order key', { orderKey: 'line' }],
  ['reconciled events', { origin: 'reconciled' }],
] as const)('of %s that are put at once, each has its own answer', async (_, more) => {
  const inbox = postgresInbox({ pool: database.pool(), schema: newSchema() })
  const known = Array.from({ length: 8 }, (_, index) => sampleEvent(`known_${index}`, more))
  for (const event of known) await inbox.put(event, remembered)
  const events = [...known, ...Array.from({ length: 16 }, (_, index) => sampleEvent(`new_${index}`, more))]
  const results = await Promise.all(events.map((event) => inbox.put(event, remembered)))
  expect(results.map(({ outcome }) => outcome)).toEqual(
    events.map(({ id }) => (id.startsWith('known') ? 'duplicate' : 'accepted')),
  )
  await inbox.close()
})
