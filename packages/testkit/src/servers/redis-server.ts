import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Redis } from 'ioredis'
import { freePort } from './free-port.ts'

/** A test's own Redis. */
export interface RedisServer {
  readonly port: number
  readonly url: string
  readonly process: ChildProcess
  /** Kills it (-9) and waits for its end. */
  kill(): Promise<void>
  /** Starts it again, on the same port and the same folder. */
  restart(): Promise<void>
  /** Ends it and removes its folder. */
  stop(): Promise<void>
}

/** How long a Redis may take to answer on a busy machine. */
const patienceMs = 30_000

/** Starts `redis-server` (on PATH, or named by REDIS_SERVER) on a free port. `settings` are its command line: `['--appendonly', 'yes']`. */
export async function startRedis(settings: readonly string[] = []): Promise<RedisServer> {
  const port = await freePort()
  const folder = await mkdtemp(join(tmpdir(), 'hookport-redis-'))
  let child = await spawnRedis(port, folder, settings)

  async function kill(): Promise<void> {
    if (child.exitCode !== null || child.signalCode !== null) return
    const exited = once(child, 'exit')
    child.kill('SIGKILL')
    await exited
  }

  return {
    port,
    url: `redis://127.0.0.1:${port}`,
    get process() {
      return child
    },
    kill,
    async restart() {
      child = await spawnRedis(port, folder, settings)
    },
    async stop() {
      await kill()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

async function spawnRedis(port: number, folder: string, settings: readonly string[]): Promise<ChildProcess> {
  const own = ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder, '--save', '']
  const child = spawn(process.env.REDIS_SERVER ?? 'redis-server', [...own, ...settings], { stdio: 'ignore' })
  const asking = new AbortController()
  try {
    await Promise.race([answersPing(port, asking.signal), endsAtOnce(child)])
  } catch (error) {
    child.kill('SIGKILL')
    throw error
  } finally {
    asking.abort()
  }
  return child
}

/** Rejects if there is no such program, or if it ends at once. */
async function endsAtOnce(child: ChildProcess): Promise<never> {
  const [code] = await once(child, 'exit').catch((cause) => {
    throw new Error('redis-server could not be started: install it, or name it in REDIS_SERVER', { cause })
  })
  throw new Error(`redis-server ended at once, with code ${code}`)
}

async function answersPing(port: number, signal: AbortSignal): Promise<void> {
  const client = new Redis(port, '127.0.0.1', { retryStrategy: () => 20, maxRetriesPerRequest: null })
  client.on('error', () => {})
  const deadline = Date.now() + patienceMs
  try {
    while ((await withinASecond(client.ping())) !== 'PONG') {
      if (signal.aborted) return
      if (Date.now() > deadline) throw new Error(`redis-server does not answer on port ${port}`)
      await sleep(20)
    }
  } finally {
    client.disconnect()
  }
}

function withinASecond(answer: Promise<string>): Promise<string | undefined> {
  return Promise.race([answer.catch(() => undefined), sleep(1000, undefined)])
}
