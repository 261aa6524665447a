import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chown, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { answersPostgres } from './answers-postgres.ts'
import { freePort } from './free-port.ts'
import type { PostgresServer } from './postgres-server.ts'
import { folderOfOrdinaryUser, ordinaryUser } from './programs/ordinary-user.ts'

/** A test's own PgBouncer, in front of a Postgres. */
export interface PgBouncer {
  readonly port: number
  /** The URL of the database `postgres`, as user `postgres`. */
  readonly url: string
  readonly process: ChildProcess
  /** Kills it (-9) and waits for its end. */
  kill(): Promise<void>
  /** Starts it again, on the same port. */
  restart(): Promise<void>
  /** Ends it and removes its folder. */
  stop(): Promise<void>
}

/** How long a PgBouncer may take to answer on a busy machine. */
const patienceMs = 30_000

/** PgBouncer on PATH, where Debian puts it, or the one that PGBOUNCER names. */
export function pgBouncerProgram(): string {
  return process.env.PGBOUNCER ?? 'pgbouncer'
}

/**
 * Starts `pgbouncer` in transaction mode: a client has a connection to the server for as long as a transaction takes.
 * `settings` are lines of its configuration: `{ default_pool_size: '5' }`. It refuses to run as root, so it then runs as `nobody`.
 */
export async function startPgBouncer(
  { port: serverPort }: Pick<PostgresServer, 'port'>,
  settings: Readonly<Record<string, string>> = {},
): Promise<PgBouncer> {
  const port = await freePort()
  const folder = await folderOfOrdinaryUser('hookport-pgbouncer-')
  const remove = () => rm(folder, { recursive: true, force: true })
  const file = join(folder, 'pgbouncer.ini')
  let child: ChildProcess
  try {
    await writeFile(file, configuration(port, serverPort, settings))
    const user = ordinaryUser()
    if (user) await chown(file, user.uid, user.gid)
    child = await spawnPgBouncer(port, file)
  } catch (error) {
    await remove()
    throw error
  }
  const kill = () => killChild(child)
  return {
    port,
    url: urlOf(port),
    get process() {
      return child
    },
    kill,
    async restart() {
      child = await spawnPgBouncer(port, file)
    },
    async stop() {
      await kill()
      await remove()
    },
  }
}

function configuration(port: number, serverPort: number, settings: Readonly<Record<string, string>>): string {
  const own = {
    listen_addr: '127.0.0.1',
    listen_port: String(port),
    unix_socket_dir: '',
    auth_type: 'any',
    pool_mode: 'transaction',
    admin_users: 'postgres',
    max_client_conn: '200',
    default_pool_size: '20',
    server_login_retry: '1', // seconds; after a restart of the server, clients wait for it
  }
  const lines = Object.entries({ ...own, ...settings }).map(([name, value]) => `${name} = ${value}`)
  return `[databases]\n* = host=127.0.0.1 port=${serverPort} user=postgres\n[pgbouncer]\n${lines.join('\n')}\n`
}

async function spawnPgBouncer(port: number, file: string): Promise<ChildProcess> {
  const child = spawn(pgBouncerProgram(), [file], { ...ordinaryUser(), stdio: ['ignore', 'ignore', 'pipe'] })
  let said = ''
  child.stderr?.on('data', (chunk) => {
    said = `${said}${chunk}`.slice(-2_000)
  })
  const asking = new AbortController() // its own console is asked, as the server behind it may be down
  try {
    await Promise.race([
      answersPostgres(urlOf(port, 'pgbouncer'), patienceMs, asking.signal),
      endsAtOnce(child, () => said),
    ])
  } catch (error) {
    await killChild(child)
    throw error
  } finally {
    asking.abort()
  }
  return child
}

/** Rejects if there is no such program, or if it ends at once. */
async function endsAtOnce(child: ChildProcess, said: () => string): Promise<never> {
  const [code] = await once(child, 'exit').catch((cause) => {
    throw new Error('pgbouncer could not be started: install it, or name it in PGBOUNCER', { cause })
  })
  throw new Error(`pgbouncer ended at once, with code ${code}:\n${said()}`)
}

async function killChild(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return
  const exited = once(child, 'exit')
  child.kill('SIGKILL')
  await exited
}

function urlOf(port: number, database = 'postgres'): string {
  return `postgres://postgres@127.0.0.1:${port}/${database}`
}
