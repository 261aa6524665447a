import { expect, test } from 'vitest'
import { Connections } from '../src/connection/connections.ts'
import type { PostgresPool } from '../src/pool.ts'

const client = {
  query: async () => ({ rows: [] }),
  release: () => {},
  on: () => {},
  removeListener: () => {},
}

/** The connections of a pool that gives one to the inbox. */
function single(): Connections {
  const pool = { options: { max: 2 }, on: () => {}, connect: async () => client }
  return new Connections(pool as unknown as PostgresPool)
}

test('of those that wait for a connection, what a sender waits for goes first', async () => {
  const connections = single()
  const order: string[] = []
  const use = (name: string, urgent: boolean) =>
    connections.with({ urgent, timeoutMs: 5_000 }, async () => void order.push(name))
  await Promise.all([use('has it', false), use('work', false), use('a put', true), use('more work', false)])
  expect(order).toEqual(['has it', 'a put', 'work', 'more work'])
})
