import { postgresInbox } from '@hookport/postgres'
import { describeDrains } from '@hookport/testkit/inbox/describe-drains'
import { newSchema } from './support/new-schema.ts'
import { testServer } from './support/test-server.ts'

const database = testServer()

describeDrains(async () => {
  const inbox = postgresInbox({ pool: database.pool(), schema: newSchema() })
  await inbox.counts() // makes the tables: a put has 2.5 s for that
  return inbox
})
