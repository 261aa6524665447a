import { postgresInbox } from '@hookport/postgres'
import { expect, test } from 'vitest'
import { newSchema } from './support/new-schema.ts'
import { remembered, sampleEvent } from './support/sample-event.ts'
import { testServer } from './support/test-server.ts'

const database = testServer()

test.each(['read committed', 'repeatable read', 'serializable'])(
  'a delivery and its reconciled event at the same moment are one event, where transactions are %s by default',
  async (isolation) => {
    const schema = newSchema()
    const options = `-c default_transaction_isolation=${isolation.replace(' ', '\\ ')}`
    const inbox = postgresInbox({ pool: database.pool({ options }), schema })
    await inbox.counts()
    const other = await database.pool({ max: 1 }).connect()
    await other.query(
      `BEGIN; INSERT INTO ${schema}.ids (key, fingerprint, forgotten_at, prune_at, reconciled) VALUES ('acme:listed', 1, 1, 1, true)`,
    )
    const waiting = () => database.ask(`SELECT 1 AS one FROM pg_stat_activity WHERE wait_event_type = 'Lock'`)
    const reconciled = inbox.put(
      sampleEvent('listed', { origin: 'reconciled', aliases: ['acme:end'] }),
      remembered,
    )
    await expect.poll(waiting).toHaveLength(1) // it has the gate, and waits for the row of its key
    const delivered = inbox.put(sampleEvent('sent', { aliases: ['acme:end'] }), remembered)
    await expect.poll(waiting).toHaveLength(2) // it waits for the gate
    await other.query('ROLLBACK')
    other.release()
    expect(await reconciled).toEqual({ outcome: 'accepted' })
    expect(await delivered).toEqual({ outcome: 'duplicate', conflict: false })
    await inbox.close()
  },
)
