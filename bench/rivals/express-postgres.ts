import express from 'express'
import pg from 'pg'
import { keepsIn, serve } from '../servers/serve.ts'
import { isSigned } from './check-signature.ts'

/** What people write to keep events in Postgres: one prepared statement a request, committed before the answer. */
const pool = new pg.Pool({ connectionString: process.env.POSTGRES_URL as string, max: 10 })
await pool.query(
  'CREATE TABLE IF NOT EXISTS webhook_events (id text PRIMARY KEY, type text NOT NULL, received_at timestamptz NOT NULL DEFAULT now(), body bytea NOT NULL)',
)
const text = 'INSERT INTO webhook_events (id, type, body) VALUES ($1, $2, $3) ON CONFLICT (id) DO NOTHING'
/** A pooler in transaction mode may not know what was prepared: statements have no name there. */
const insert = process.env.POOLED ? { text } : { name: 'insert-event', text }

const answer = Buffer.from('{"received":true}')
const app = express().disable('x-powered-by').disable('etag')
app.post('/webhook', express.raw({ type: '*/*', limit: '2mb' }), async (request, response) => {
  if (!isSigned(request.body, request.headers['x-sematryx-signature'])) return void response.sendStatus(401)
  const event = JSON.parse(request.body)
  await pool.query({ ...insert, values: [event.id, event.type, request.body] })
  response.writeHead(200, { 'Content-Type': 'application/json', 'Content-Length': answer.length }).end(answer)
})
keepsIn({
  count: async () => Number((await pool.query('SELECT count(*) FROM webhook_events')).rows[0].count),
})
serve(app)
