import type { TakeRequest } from '@hookport/core/inbox-kit'
import type pg from 'pg'
import { Connections } from '../../src/connection/connections.ts'
import { Database } from '../../src/connection/database.ts'
import { Pace } from '../../src/consume/pace.ts'
import { PostgresStore } from '../../src/consume/postgres-store.ts'
import { Layout } from '../../src/layout/layout.ts'
import { Puts } from '../../src/put/puts.ts'

/** The store of a consumer, which asks by itself for nothing. */
export function storeOn(pool: pg.Pool, schema: string): PostgresStore {
  const database = new Database(new Connections(pool), new Layout(schema, 'hookport'), [])
  return new PostgresStore(database, 'acme', new Puts(database), new Pace(1_000), () => {})
}

export function asking(more: Partial<TakeRequest> = {}): TakeRequest {
  return {
    source: 'acme',
    limit: 8,
    running: new Set(),
    wanted: { types: 'all', others: 'park' },
    leaseMs: 60_000,
    alone: false,
    parking: { keepMs: Number.POSITIVE_INFINITY, maxBytes: Number.POSITIVE_INFINITY },
    ...more,
  }
}
