import { DatabaseSync } from 'node:sqlite'
import fastify from 'fastify'
import { announce, keepsIn } from '../servers/serve.ts'
import { isSigned } from './check-signature.ts'

/** What people write to keep events in SQLite: one statement a request, on the disk before the answer. */
const database = new DatabaseSync(process.env.SQLITE_PATH as string)
database.exec(`
  PRAGMA journal_mode = wal;
  PRAGMA synchronous = full;
  CREATE TABLE events (id TEXT PRIMARY KEY, type TEXT NOT NULL, received_at INTEGER NOT NULL, body BLOB NOT NULL) WITHOUT ROWID`)
const insert = database.prepare(
  'INSERT INTO events (id, type, received_at, body) VALUES (?, ?, ?, ?) ON CONFLICT (id) DO NOTHING',
)

const app = fastify({ bodyLimit: 2 * 1024 * 1024 })
app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (_request, body, done) =>
  done(null, body),
)
app.post('/webhook', async (request, reply) => {
  const body = request.body as Buffer
  if (!isSigned(body, request.headers['x-sematryx-signature'])) return reply.code(401).send()
  const event = JSON.parse(body.toString())
  insert.run(event.id, event.type, Date.now(), body)
  return { received: true }
})
keepsIn({ count: () => Number(database.prepare('SELECT count(*) AS count FROM events').get()?.count) })
await app.ready()
announce(app.server)
