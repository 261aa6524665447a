import type { Pool } from 'pg'

const heard = new WeakSet<object>()

const ignore = () => {}

/**
 * A pool emits the errors of connections at rest, as when Postgres restarts, and a connection in use emits its own. Without listeners they would end the
 * process. The pool opens new connections when needed, and the query under way fails.
 */
export function hearErrors(pool: Pool): void {
  if (heard.has(pool)) return
  heard.add(pool)
  pool.on('error', ignore)
  pool.on('connect', (client) => client.on('error', ignore))
}
