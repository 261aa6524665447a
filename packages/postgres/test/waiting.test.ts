import { postgresInbox } from '@hookport/postgres'
import { expect, test } from 'vitest'
import { newSchema } from './support/new-schema.ts'
import { consuming, remembered, sampleEvent } from './support/sample-event.ts'
import { testServer } from './support/test-server.ts'

const database = testServer()

test.each([
  [1, 'without order keys'],
  [12, 'without order keys'],
  [1, 'each of an order key'],
])(
  'what has waited for a handler is handed out in the order of the puts, %d at a time, whatever was parked first: %s',
  async (concurrency, keys) => {
    const schema = newSchema()
    const inbox = postgresInbox({ pool: database.pool(), schema })
    const ids = Array.from({ length: 12 }, (_, index) => `evt_${index}`)
    for (const [index, id] of ids.entries())
      await inbox.put(
        sampleEvent(id, {
          type: `order.${index % 3}`,
          ...(keys === 'each of an order key' && { orderKey: `line of ${id}` }),
        }),
        remembered,
      )
    for (const id of ids.toReversed())
      await database.ask(
        `UPDATE ${schema}.events SET rest = 'parked', rested_at = due_at, due_at = NULL WHERE id = $1`,
        [id],
      )
    const turns: string[] = []
    const consumer = inbox.consume(async ({ event, progress }) => {
      turns.push(event.id)
      return { outcome: 'done', progress }
    }, consuming({ concurrency }))
    await consumer.idle()
    await expect.poll(() => turns.length).toBe(12)
    expect(turns).toEqual(ids)
    await inbox.close()
  },
)

test('what waits for a handler, and has an order key, stays where it is where only other types have one, or another source', async () => {
  const schema = newSchema()
  const inbox = postgresInbox({ pool: database.pool(), schema })
  for (const type of ['order.other', 'order.paid'])
    await inbox.put(sampleEvent(type, { type, orderKey: `line of ${type}` }), remembered)
  await inbox.put(sampleEvent('elsewhere', { source: 'other', orderKey: 'line' }), remembered)
  await database.ask(`UPDATE ${schema}.events SET rest = 'parked', rested_at = due_at, due_at = NULL`)
  const turns: string[] = []
  const consumer = inbox.consume(
    async ({ event, progress }) => {
      turns.push(event.type)
      return { outcome: 'done', progress }
    },
    consuming({ wanted: () => ({ types: ['order.paid'], others: 'park' }) }),
  )
  await expect.poll(() => turns).toContain('order.paid')
  await consumer.idle()
  expect(turns).toEqual(['order.paid'])
  expect(await inbox.counts()).toMatchObject({ parked: 2 })
  await inbox.close()
})

test('a dead letter that is the only one of its order key is handed out once it is redriven', async () => {
  const inbox = postgresInbox({ pool: database.pool(), schema: newSchema() })
  const failure = { handler: null, code: 'error', message: 'broken', at: 0 }
  await inbox.put(sampleEvent('one', { orderKey: 'line' }), { ...remembered, failure })
  expect(await inbox.redrive('acme:one')).toBe(true)
  const turns: string[] = []
  inbox.consume(async ({ event, progress }) => {
    turns.push(event.id)
    return { outcome: 'done', progress }
  }, consuming())
  await expect.poll(() => turns).toEqual(['one'])
  await inbox.close()
})
