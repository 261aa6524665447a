import { inboxSuite } from '@hookport/conformance/inbox'
import { type PostgresServer, startPostgres } from '@hookport/testkit/postgres-server'
import { afterAll, beforeAll, test } from 'vitest'
import { harnessOn } from './support/harness.ts'

let server: PostgresServer

beforeAll(async () => {
  server = await startPostgres({ max_connections: '100' })
}, 90_000)

afterAll(() => server?.stop())

const harness = harnessOn(() => server.url)

for (const { id, name, run } of inboxSuite) {
  test.concurrent(`${id} ${name}`, { timeout: 60_000 }, () => run(harness))
}
