import { postgresInbox } from '@hookport/postgres'
import { expect, test } from 'vitest'
import { newSchema } from './support/new-schema.ts'
import { consuming, remembered, sampleEvent } from './support/sample-event.ts'
import { testServer } from './support/test-server.ts'

const database = testServer()

test('a consumer with nothing to do comes to ask once in pollMs', async () => {
  const pool = database.pool()
  let asked = 0
  pool.on('acquire', () => {
    asked += 1
  })
  const inbox = postgresInbox({ pool, schema: newSchema(), pollMs: 400 })
  inbox.consume(async () => {
    throw new Error('there is nothing to handle')
  }, consuming())
  await expect.poll(() => asked).toBeGreaterThan(0)
  await pause(1_000) // pauses of 40, 80, 160 and 320 ms have gone by
  asked = 0
  await pause(2_000)
  expect(asked).toBeGreaterThan(0)
  expect(asked).toBeLessThan(12)
  await inbox.close()
})

test('so does one that has only an event that is due later', async () => {
  const pool = database.pool()
  let asked = 0
  const inbox = postgresInbox({ pool, schema: newSchema(), pollMs: 400 })
  await inbox.put(sampleEvent('later'), remembered)
  const retry = { outcome: 'retry', delayMs: 60_000, failures: [], attemptUsed: true } as const
  inbox.consume(async ({ progress }) => ({ ...retry, progress }), consuming())
  await expect.poll(async () => (await inbox.counts()).scheduled, { timeout: 10_000 }).toBe(1)
  await pause(1_000)
  pool.on('acquire', () => {
    asked += 1
  })
  await pause(2_000)
  expect(asked).toBeGreaterThan(0)
  expect(asked).toBeLessThan(12)
  await inbox.close()
})

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}
