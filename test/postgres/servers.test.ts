import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { type PgBouncer, startPgBouncer } from '@hookport/testkit/servers/pgbouncer'
import { type PostgresServer, startPostgres } from '@hookport/testkit/servers/postgres-server'
import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'

let server: PostgresServer
let bouncer: PgBouncer

beforeAll(async () => {
  server = await startPostgres({ max_connections: '30' })
  bouncer = await startPgBouncer(server)
}, 60_000)

afterAll(async () => {
  await bouncer?.stop()
  await server?.stop()
})

test('a Postgres that is killed at work has what was committed when it is back, and PgBouncer finds it', async () => {
  expect(await ask(server.url, 'SHOW max_connections')).toEqual([{ max_connections: '30' }])
  await ask(server.url, 'CREATE TABLE kept AS SELECT 1 AS one')
  const atWork = expect(ask(server.url, 'SELECT pg_sleep(60)')).rejects.toThrow()
  await server.kill()
  await atWork
  await server.restart()
  expect(await ask(bouncer.url, 'SELECT one FROM kept')).toEqual([{ one: 1 }])
})

test('PgBouncer is killed and started again', async () => {
  await bouncer.kill()
  await expect(ask(bouncer.url, 'SELECT 1')).rejects.toThrow('ECONNREFUSED')
  await bouncer.restart()
  expect(await ask(bouncer.url, 'SELECT 1 AS one')).toEqual([{ one: 1 }])
})

test('a Postgres that is stopped leaves no shared memory on the machine, killed before or not', async () => {
  for (const killed of [false, true]) {
    const other = await startPostgres()
    const segment = await segmentOf(other)
    expect(await segments()).toContain(segment)
    if (killed) await other.kill()
    await other.stop()
    expect(await segments()).not.toContain(segment)
  }
})

/** The key of its segment, as `ipcs` writes it. */
async function segmentOf({ folder }: PostgresServer): Promise<string> {
  const lines = (await readFile(join(folder, 'data/postmaster.pid'), 'utf8')).split('\n')
  const key = Number(lines[6]?.trim().split(/\s+/)[0])
  return `0x${key.toString(16).padStart(8, '0')}`
}

async function segments(): Promise<string[]> {
  const { stdout } = await promisify(execFile)('ipcs', ['-m'])
  return stdout.match(/^0x\w+/gm) ?? []
}

async function ask(url: string, sql: string): Promise<unknown[]> {
  const client = new pg.Client(url)
  client.on('error', () => {})
  try {
    await client.connect()
    return (await client.query(sql)).rows
  } finally {
    await client.end().catch(() => {})
  }
}
