import { join } from 'node:path'
import { bullmqInbox } from '@hookport/bullmq'
import type { Inbox } from '@hookport/core'
import { postgresInbox } from '@hookport/postgres'
import { sqliteInbox } from '@hookport/sqlite'
import { startPostgres } from '@hookport/testkit/servers/postgres-server'
import { type RedisServer, startRedis } from '@hookport/testkit/servers/redis-server'
import pg from 'pg'

export const kinds = ['sqlite', 'redis', 'postgres'] as const

/** Which store, and where: what a process has to be told. */
export interface Store {
  readonly kind: (typeof kinds)[number]
  readonly at: string
}

const leaseMs = 1_000

/** An inbox over a store, and what has to be closed after it. */
export function openInbox({ kind, at }: Store): { readonly inbox: Inbox; close(): Promise<void> } {
  if (kind === 'sqlite') return { inbox: sqliteInbox({ path: at, leaseMs }), close: async () => {} }
  if (kind === 'redis') return { inbox: bullmqInbox({ connection: at, leaseMs }), close: async () => {} }
  const pool = new pg.Pool({ connectionString: at, max: 4 })
  pool.on('error', () => {}) // the server is killed now and then
  return { inbox: postgresInbox({ pool, leaseMs }), close: () => pool.end() }
}

export interface StartedStore extends Store {
  /** Its server, with what can be done to it. SQLite has none. */
  readonly server?: Pick<RedisServer, 'kill' | 'restart'>
  stop(): Promise<unknown>
}

/** Starts what a store needs. What it has acknowledged outlives its server. */
export async function startStore(kind: Store['kind'], folder: string): Promise<StartedStore> {
  if (kind === 'sqlite') return { kind, at: join(folder, 'webhooks.db'), stop: async () => {} }
  const server =
    kind === 'redis'
      ? await startRedis(['--appendonly', 'yes', '--appendfsync', 'always'])
      : await startPostgres()
  return { kind, at: server.url, server, stop: () => server.stop() }
}
