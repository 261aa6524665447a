import type { DatabaseSync } from 'node:sqlite'
import type { HandlerContext } from '@hookport/core'
import { onceIn as onceInDrizzle } from '@hookport/once/drizzle'
import { onceIn as onceInKysely } from '@hookport/once/kysely'
import { onceIn as onceInSqlite } from '@hookport/once/node-sqlite'
import { onceIn } from '@hookport/once/pg'
import { onceIn as onceInPrisma } from '@hookport/once/prisma'
import { jaotReceiver } from '@hookport/providers/jaot'
import type { MySqlRemoteDatabase } from 'drizzle-orm/mysql-proxy'
import { drizzle } from 'drizzle-orm/node-postgres'
import type { Kysely, Transaction } from 'kysely'
import type { Client, Pool, PoolClient } from 'pg'
import { expectTypeOf, test } from 'vitest'
import type { Prisma, PrismaClient } from './prisma/generated/client.ts'

declare const pool: Pool

type RequiredPg = import('drizzle-orm/node-postgres', { with: {
  'resolution-mode': 'require',
}}).NodePgDatabase
type RequiredSqlite = import('drizzle-orm/libsql', { with: { 'resolution-mode': 'require' }}).LibSQLDatabase
type RequiredSync = import('drizzle-orm/sql-js', { with: { 'resolution-mode': 'require' }}).SQLJsDatabase

test('the event is that of the type it is registered for, and what load returns is what apply is given', () => {
  const once = onceIn(pool)
  jaotReceiver({ secret: 'x' }).onEvent(
    'trigger.execution.completed',
    once('save', {
      load: async (event, context) => {
        expectTypeOf(event.type).toEqualTypeOf<'trigger.execution.completed'>()
        expectTypeOf(context).toEqualTypeOf<HandlerContext>()
        return { cost: 7 }
      },
      apply: (event, loaded, { tx, context }) => {
        expectTypeOf(event.type).toEqualTypeOf<'trigger.execution.completed'>()
        expectTypeOf(loaded).toEqualTypeOf<{ cost: number }>()
        expectTypeOf(tx).toEqualTypeOf<PoolClient>()
        expectTypeOf(context).toEqualTypeOf<HandlerContext>()
      },
    }),
  )
  jaotReceiver({ secret: 'x' }).onEvent(
    'trigger.execution.completed',
    once('mail', (event, loaded) => {
      expectTypeOf(event.type).toEqualTypeOf<'trigger.execution.completed'>()
      expectTypeOf(loaded).toEqualTypeOf<undefined>()
    }),
  )
})

test('tx is the transaction of the client', () => {
  const database = drizzle(pool)
  type DrizzleTx = Parameters<Parameters<typeof database.transaction>[0]>[0]
  onceInDrizzle(database)('save', (_, __, { tx }) => expectTypeOf(tx).toEqualTypeOf<DrizzleTx>())
  onceInKysely({} as Kysely<{ a: { b: string } }>)('save', (_, __, { tx }) =>
    expectTypeOf(tx).toEqualTypeOf<Transaction<{ a: { b: string } }>>(),
  )
  onceInKysely<{ a: { b: string } }>({} as Kysely<{ a: { b: string } }>)('save', (_, __, { tx }) =>
    expectTypeOf(tx).toEqualTypeOf<Transaction<{ a: { b: string } }>>(),
  )
  onceInPrisma({} as PrismaClient)('save', (_, __, { tx }) =>
    expectTypeOf(tx).toEqualTypeOf<Prisma.TransactionClient>(),
  )
  onceInSqlite({} as DatabaseSync)('save', (_, __, { tx }) => {
    expectTypeOf(tx).toEqualTypeOf<DatabaseSync>()
  })
})

/** As what `@neondatabase/serverless` declares: its client lacks what pg's has got since. */
interface OtherClient {
  query(text: string, values?: unknown[]): Promise<{ rows: unknown[] }>
  query(text: string, callback: (error: Error) => void): void
  escapeLiteral(text: string): string
  release(error?: Error | boolean): void
}

interface OtherPool {
  readonly totalCount: number
  connect(): Promise<OtherClient>
  connect(callback: (error: Error | undefined, client: OtherClient | undefined) => void): void
  // biome-ignore lint/suspicious/noExplicitAny: as that package says it
  on(event: 'error' | 'connect' | 'acquire' | 'release' | 'remove', listener: any): this
}

test('a pool of another make is taken, and tx is its client', () => {
  onceIn({} as OtherPool)('save', (_, __, { tx }) => expectTypeOf(tx).toEqualTypeOf<OtherClient>())
  // @ts-expect-error: a single client can hold one transaction only
  onceIn({} as Client)
})

/** As Kysely before 0.29 is to CommonJS: another class than the one that is imported here. */
declare class RequiredKysely<Schema> {
  private readonly schema: Schema
  readonly isTransaction: boolean
  transaction(): {
    execute<T>(run: (tx: RequiredKysely<Schema> & { isOfIt: true }) => Promise<T>): Promise<T>
  }
}

test('what CommonJS requires of Drizzle and Kysely is taken, though its classes are others', () => {
  type PgTx = Parameters<Parameters<RequiredPg['transaction']>[0]>[0]
  type SqliteTx = Parameters<Parameters<RequiredSqlite['transaction']>[0]>[0]
  type SyncTx = Parameters<Parameters<RequiredSync['transaction']>[0]>[0]
  onceInDrizzle({} as RequiredPg)('save', async (_, __, { tx }) => expectTypeOf(tx).toEqualTypeOf<PgTx>())
  onceInDrizzle({} as RequiredSqlite)('save', async (_, __, { tx }) =>
    expectTypeOf(tx).toEqualTypeOf<SqliteTx>(),
  )
  onceInDrizzle({} as RequiredSync)('save', (_, __, { tx }) => {
    expectTypeOf(tx).toEqualTypeOf<SyncTx>()
  })
  // @ts-expect-error: a promise could not be waited for within a synchronous transaction
  onceInDrizzle({} as RequiredSync)('save', async () => {})
  // @ts-expect-error: not on MySQL
  onceInDrizzle({} as MySqlRemoteDatabase)
  onceInKysely({} as RequiredKysely<{ a: string }>)('save', (_, __, { tx }) =>
    expectTypeOf(tx).toEqualTypeOf<RequiredKysely<{ a: string }> & { isOfIt: true }>(),
  )
})

test('apply on node:sqlite returns no promise', () => {
  const once = onceInSqlite({} as DatabaseSync)
  // @ts-expect-error: it is asynchronous
  once('save', async () => {})
  // @ts-expect-error: it is asynchronous
  once('save', { apply: async () => {} })
  // @ts-expect-error: it returns a promise
  once('save', () => Promise.resolve(1))
})
