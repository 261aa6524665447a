import type { PostgresClient } from '../pool.ts'

/** What clients of `pg` have, in all of its versions, and those of `@neondatabase/serverless`. */
interface Heard {
  readonly connection?: {
    on?(event: 'readyForQuery', listener: (message?: { status?: string }) => void): unknown
  }
}

const statuses = new WeakMap<PostgresClient, string | undefined>()

/** With the end of each answer the server says whether a transaction is open. Only the newest versions of `pg` tell it, so it is heard from now on. */
export function hearStatus(client: PostgresClient): void {
  if (statuses.has(client)) return
  statuses.set(client, undefined)
  const { connection } = client as Heard
  connection?.on?.('readyForQuery', (message) => statuses.set(client, message?.status))
}

/** False as well where nobody can tell, as with `pg-native`, and of what was open before the client was heard. */
export function isInTransaction(client: PostgresClient): boolean {
  return ['T', 'E'].includes(toldBy(client) ?? statuses.get(client) ?? '')
}

function toldBy(client: PostgresClient): string | null | undefined {
  try {
    return client.getTransactionStatus?.()
  } catch {
    return undefined // the client of pg-native has the method, also where its library lacks it
  }
}
