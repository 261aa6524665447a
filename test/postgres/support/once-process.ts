import type { AddressInfo } from 'node:net'
import { sematryxWebhooks } from '@hookport/express'
import { onceIn } from '@hookport/once/pg'
import { postgresInbox } from '@hookport/postgres'
import express from 'express'
import pg from 'pg'
import { stderrLogger } from '../../faults/processes/stderr-logger.ts'

/** A web process that accepts and handles, as an application is deployed that has no worker: one pool, through PgBouncer, for its inbox and its effects. */
const [connectionString = '', secret = ''] = process.argv.slice(2)
const pool = new pg.Pool({ connectionString, max: 20 })
pool.on('error', () => {})
const once = onceIn(pool)
const webhooks = sematryxWebhooks({
  secret,
  inbox: postgresInbox({ pool }),
  concurrency: 16,
  logger: stderrLogger(),
})
webhooks.onEvent(
  'optimization.completed',
  once('save', async ({ id }, _, { tx }) => {
    await tx.query('INSERT INTO effects VALUES ($1)', [id])
  }),
)
const server = express()
  .use('/', webhooks)
  .listen(0, '127.0.0.1', () => process.send?.({ port: (server.address() as AddressInfo).port }))
server.keepAliveTimeout = 60_000
process.once('disconnect', () => process.exit(1))
