import { setTimeout as sleep } from 'node:timers/promises'
import type { Inbox } from '@hookport/core'
import { inboxInFront } from '@hookport/core/testing'
import { postgresInbox } from '@hookport/postgres'
import { startTcpProxy, type TcpProxy } from '@hookport/testkit/proxies/tcp-proxy'
import { type PostgresServer, startPostgres } from '@hookport/testkit/servers/postgres-server'
import pg from 'pg'
import { killForAWhile } from './kill-for-a-while.ts'
import { machineTime } from './member/journal.ts'
import type { Fault } from './schedule.ts'
import type { RigStore } from './store.ts'
import { TroubleLog } from './trouble-log.ts'

/** A Postgres as it comes: what was answered is on the disk, so that a kill takes nothing with it. */
export async function postgresStore(leaseMs: number): Promise<RigStore> {
  const server = await startPostgres()
  const proxy = await startTcpProxy(server.port)
  const url = server.url.replace(String(server.port), String(proxy.port))
  const trouble = new TroubleLog()
  const stopProbing = probe(server, trouble, leaseMs / 4)
  return {
    kind: 'postgres',
    settings: { kind: 'postgres', url },
    trouble,
    strike: (fault) => trouble.during(fault.kind, () => strike(server, proxy, fault)),
    openInbox: () => openInbox(url),
    async stop() {
      stopProbing()
      await proxy.stop()
      await server.stop()
    },
  }
}

async function strike(server: PostgresServer, proxy: TcpProxy, { kind, lastsMs }: Fault): Promise<boolean> {
  switch (kind) {
    case 'postgres killed':
      return killForAWhile(server, lastsMs)
    case 'backends ended':
      return ask(
        server,
        'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND backend_type = $1',
        ['client backend'],
      )
    case 'table locked':
      return ask(
        server,
        `BEGIN; LOCK TABLE hookport.events IN ACCESS EXCLUSIVE MODE; SELECT pg_sleep(${lastsMs / 1_000}); COMMIT`,
      )
    case 'connections reset':
      proxy.pointTo(server.port)
      return true
    case 'replies lost':
      proxy.setMode('drop-replies')
      await sleep(lastsMs)
      proxy.setMode('pass')
      return true
    default:
      return false
  }
}

/** False where the server is away, by another fault. */
async function ask({ url }: PostgresServer, sql: string, values?: unknown[]): Promise<boolean> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000 })
  client.on('error', () => {})
  try {
    await client.connect()
    await client.query(sql, values)
    return true
  } catch {
    return false
  } finally {
    await client.end().catch(() => {})
  }
}

/** With a pool that ends with it. */
function openInbox(connectionString: string): Inbox {
  const pool = new pg.Pool({ connectionString })
  const inbox = postgresInbox({ pool })
  return inboxInFront(inbox, {
    async close() {
      await inbox.close()
      await pool.end()
    },
  })
}

/** Notes when Postgres is slow because the machine is. */
function probe(server: PostgresServer, trouble: TroubleLog, slowMs: number): () => void {
  let isOver = false
  const look = async () => {
    while (!isOver) {
      const from = machineTime()
      await ask(server, 'SELECT 1')
      const to = machineTime()
      if (to - from > slowMs) trouble.add('postgres slow', from, to)
      await sleep(100)
    }
  }
  void look()
  return () => {
    isOver = true
  }
}
