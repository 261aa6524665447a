import type { Pool, PoolClient } from 'pg'

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

/** Of pg, or of its shape. */
export function isPool(client: unknown): client is Pool {
  return typeof client === 'object' && client !== null && 'totalCount' in client && 'on' in client
}

/**
 * Has Drizzle begin a transaction on a client of the pool, and gives that back whatever becomes of it. By itself Drizzle keeps one on which BEGIN fails,
 * as on a connection that was lost unseen, and one that does not answer. So after a failover the pool could have none left for good.
 *
 * @param begin is given a pool that hands out this client, and calls `hasBegun` when BEGIN has succeeded.
 */
export async function onClient(
  pool: Pool,
  signal: AbortSignal,
  begin: (pool: Pool, hasBegun: () => void) => PromiseLike<void>,
): Promise<void> {
  const client = await pool.connect()
  if (signal.aborted) {
    client.release() // nothing was sent on it
    throw signal.reason
  }
  const giveBack = releaserOf(client)
  const onAbort = () => giveBack(signal.reason)
  let isBegun = false
  const hasBegun = () => {
    isBegun = true
  }
  client.on('error', ignore)
  signal.addEventListener('abort', onAbort)
  try {
    await begin(Object.create(pool, { connect: { value: async () => client } }), hasBegun)
    giveBack()
  } catch (error) {
    giveBack(isBegun ? undefined : error) // it may be within a transaction
    throw error
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}

/** Gives a client back once, which whoever else has it can't do any more. With an error it is closed. */
function releaserOf(client: PoolClient): (error?: unknown) => void {
  const release = client.release.bind(client)
  client.release = ignore
  let isBack = false
  return (error) => {
    if (isBack) return
    isBack = true
    if (error === undefined) client.off('error', ignore)
    release(error !== undefined)
  }
}
