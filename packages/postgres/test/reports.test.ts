import type { ParkingReport } from '@hookport/core'
import { postgresInbox } from '@hookport/postgres'
import { expect, test } from 'vitest'
import { newSchema } from './support/new-schema.ts'
import { consuming, remembered, sampleEvent } from './support/sample-event.ts'
import { testServer } from './support/test-server.ts'

const database = testServer()

test('a report names the id and the type as they are, and the tenant of an event that has one', async () => {
  const inbox = postgresInbox({ pool: database.pool(), schema: newSchema() })
  const name = { key: 'acme:odd', source: 'acme', id: 'odd\0', type: 'order.paid\0', tenant: 'one' }
  const { tenant: _, ...other } = { ...name, key: 'acme:other' }
  for (const more of [name, other]) await inbox.put(sampleEvent('any', more), remembered)
  const reports: ParkingReport[] = []
  const consumer = inbox.consume(
    async () => expect.unreachable(),
    consuming({
      wanted: () => ({ types: [], others: 'park' }),
      report: (report) => void reports.push(report),
    }),
  )
  await consumer.idle()
  expect(reports).toStrictEqual([name, other].map((event) => ({ event, outcome: 'parked' })))
  await inbox.close()
})
