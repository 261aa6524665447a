import { deferred } from '@hookport/testkit/deferred'
import { expect, onTestFinished, test, vi } from 'vitest'
import { Connections } from '../src/connection/connections.ts'
import { clientBeside, type PostgresClient, type PostgresPool } from '../src/pool.ts'

test('who has had its turn leaves no timer behind, which would keep the process', async () => {
  vi.useFakeTimers()
  onTestFinished(() => void vi.useRealTimers())
  const client = { on() {}, removeListener() {}, release() {} } as unknown as PostgresClient
  const pool: PostgresPool = { connect: async () => client, on: () => pool, options: { max: 2 } }
  const connections = new Connections(pool)
  const first = deferred()
  const terms = { urgent: true, timeoutMs: 2_500 }
  const all = [first.promise, Promise.resolve()].map((work) => connections.with(terms, () => work))
  await vi.advanceTimersByTimeAsync(1_000)
  expect(vi.getTimerCount()).toBe(1)
  first.resolve()
  await Promise.all(all)
  expect(vi.getTimerCount()).toBe(0)
})

test('what the application says of keeping its connections alive holds for the one of listen too', () => {
  const given: object[] = []
  class Client {
    constructor(options: object) {
      given.push(options)
    }
  }
  const options = { keepAliveInitialDelayMillis: 5_000 }
  clientBeside({ Client, options } as unknown as PostgresPool)
  clientBeside({ Client } as unknown as PostgresPool)
  expect(given).toMatchObject([options, { keepAlive: true, keepAliveInitialDelayMillis: 60_000 }])
})
