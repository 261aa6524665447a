import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { answersPostgres } from './answers-postgres.ts'
import { freePort } from './free-port.ts'
import { freePostgresMemory } from './programs/free-postgres-memory.ts'
import { killWithBackends } from './programs/kill-with-backends.ts'
import { folderOfOrdinaryUser, ordinaryUser } from './programs/ordinary-user.ts'
import { postgresProgram } from './programs/postgres-programs.ts'

/** A test's own Postgres, with a superuser `postgres` who needs no password. */
export interface PostgresServer {
  readonly port: number
  /** The URL of the database `postgres`. */
  readonly url: string
  readonly folder: string
  /** The postmaster. */
  readonly process: ChildProcess
  /** Kills it and all of its backends (-9), and waits for its end. */
  kill(): Promise<void>
  /** Starts it again, on the same port and the same folder, after `kill`. */
  restart(): Promise<void>
  /** Ends it and removes its folder. */
  stop(): Promise<void>
}

/** How long a Postgres may take to answer on a busy machine. */
const patienceMs = 60_000

/**
 * Starts `postgres` on a free port: that of POSTGRES_BIN, of PATH, or Debian's. Postgres refuses to run as root, so it then runs as `nobody`.
 * `settings` are lines of its configuration: `{ max_connections: '50' }`. Apart from these, its address,
 * and shared memory in files, which go with its folder, it has Postgres's defaults.
 */
export function startPostgres(settings: Readonly<Record<string, string>> = {}): Promise<PostgresServer> {
  return start(settings, async () => {})
}

/**
 * Starts a standby of a server that has just been started, which streams from it. Both are copies of one cluster, so that the standby
 * follows the log of the other from its beginning. `SELECT pg_promote()` makes it the primary.
 */
export function startStandby(primary: PostgresServer): Promise<PostgresServer> {
  const follow = `host=127.0.0.1 port=${primary.port} user=postgres`
  return start({ primary_conninfo: follow }, (data) => writeFile(join(data, 'standby.signal'), ''))
}

/** @param prepare prepares its data folder, before it is started for the first time. */
async function start(
  settings: Readonly<Record<string, string>>,
  prepare: (data: string) => Promise<void>,
): Promise<PostgresServer> {
  const port = await freePort()
  const folder = await folderOfOrdinaryUser('hookport-postgres-')
  const remove = async () => {
    await freePostgresMemory(join(folder, 'data'))
    await rm(folder, { recursive: true, force: true })
  }
  let child: ChildProcess
  try {
    await initialise(folder)
    await prepare(join(folder, 'data'))
    child = await spawnPostgres(port, folder, settings)
  } catch (error) {
    await remove()
    throw error
  }
  const kill = () => killWithBackends(child)
  return {
    port,
    url: urlOf(port),
    folder,
    get process() {
      return child
    },
    kill,
    async restart() {
      child = await spawnOnceFree(port, folder, settings)
    },
    async stop() {
      await kill()
      await remove()
    },
  }
}

/** A copy of what `initdb` has created once on this machine. A server then starts in a third of the time, and a run of the tests has dozens. */
async function initialise(folder: string): Promise<void> {
  const version = await promisify(execFile)(postgresProgram('initdb'), ['--version']).then(
    ({ stdout }) => stdout.trim(),
    () => 'none', // `makeCluster` will report it
  )
  const name = `${version} ${ordinaryUser()?.uid ?? process.getuid?.()}`.replaceAll(/[^\w.]+/g, '-')
  const path = join(tmpdir(), `hookport-${name}`)
  if (!existsSync(path)) {
    const made = await folderOfOrdinaryUser('hookport-initdb-')
    await makeCluster(join(made, 'data'))
    await rename(join(made, 'data'), path).catch(() => {}) // another process was quicker
    await rm(made, { recursive: true, force: true })
  }
  await promisify(execFile)('cp', ['-a', path, join(folder, 'data')], { ...ordinaryUser(), cwd: folder })
}

/** `--no-sync`: no test depends on what a power cut would lose here. The server itself syncs by its defaults. */
async function makeCluster(data: string): Promise<void> {
  const options = ['--username=postgres', '--auth=trust', '--encoding=UTF8', '--no-locale', '--no-sync']
  try {
    await promisify(execFile)(postgresProgram('initdb'), [...options, '--pgdata', data], {
      ...ordinaryUser(),
      cwd: join(data, '..'),
    })
  } catch (cause) {
    throw new Error('initdb failed: install Postgres, or name the folder of its programs in POSTGRES_BIN', {
      cause,
    })
  }
}

async function spawnPostgres(
  port: number,
  folder: string,
  settings: Readonly<Record<string, string>>,
): Promise<ChildProcess> {
  const own = {
    port: String(port),
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    dynamic_shared_memory_type: 'mmap',
  }
  const options = Object.entries({ ...own, ...settings }).flatMap(([name, value]) => [
    '-c',
    `${name}=${value}`,
  ])
  const child = spawn(postgresProgram('postgres'), ['-D', join(folder, 'data'), ...options], {
    ...ordinaryUser(),
    cwd: folder,
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let said = ''
  child.stderr?.on('data', (chunk) => {
    said = `${said}${chunk}`.slice(-2_000)
  })
  const asking = new AbortController()
  try {
    await Promise.race([
      answersPostgres(urlOf(port), patienceMs, asking.signal),
      endsAtOnce(child, () => said),
    ])
  } catch (error) {
    await killWithBackends(child)
    throw error
  } finally {
    asking.abort()
  }
  return child
}

/** The memory of a killed server is in use until the last of its backends is gone. */
async function spawnOnceFree(...server: Parameters<typeof spawnPostgres>): Promise<ChildProcess> {
  const deadline = Date.now() + patienceMs
  for (;;) {
    try {
      return await spawnPostgres(...server)
    } catch (error) {
      if (!String(error).includes('still in use') || Date.now() > deadline) throw error
      await sleep(20)
    }
  }
}

/** Rejects if it ends at once. */
async function endsAtOnce(child: ChildProcess, said: () => string): Promise<never> {
  const [code] = await once(child, 'exit')
  throw new Error(`postgres ended at once, with code ${code}:\n${said()}`)
}

function urlOf(port: number): string {
  return `postgres://postgres@127.0.0.1:${port}/postgres`
}
