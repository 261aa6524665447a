import { setTimeout as sleep } from 'node:timers/promises'
import { bullmqInbox } from '@hookport/bullmq'
import { startTcpProxy, type TcpProxy } from '@hookport/testkit/proxies/tcp-proxy'
import { type RedisServer, startRedis } from '@hookport/testkit/servers/redis-server'
import { Redis } from 'ioredis'
import { killForAWhile } from './kill-for-a-while.ts'
import { machineTime } from './member/journal.ts'
import type { Fault } from './schedule.ts'
import type { RigStore } from './store.ts'
import { TroubleLog } from './trouble-log.ts'

/** What was answered is on the disk, so that a kill takes nothing with it. */
const serverSettings = ['--appendonly', 'yes', '--appendfsync', 'always', '--repl-diskless-sync-delay', '0']

/** A primary and its replica, reached through one name that moves from one to the other. */
export async function redisStore(seed: number, leaseMs: number): Promise<RigStore> {
  const pair = await RedisPair.start()
  const trouble = new TroubleLog()
  const settings = { kind: 'bullmq', url: pair.proxy.url, queueName: `faults-${seed}` } as const
  const stopProbing = probe(() => pair.primary, trouble, leaseMs / 4)
  return {
    kind: 'redis',
    settings,
    trouble,
    strike: (fault) => trouble.during(fault.kind, () => strike(pair, fault)),
    openInbox: () => bullmqInbox({ connection: pair.proxy.url, queueName: settings.queueName }),
    async stop() {
      stopProbing()
      await pair.stop()
    },
  }
}

async function strike(pair: RedisPair, { kind, lastsMs, choice }: Fault): Promise<boolean> {
  const { primary, proxy } = pair
  switch (kind) {
    case 'redis killed':
      return killForAWhile(primary, lastsMs)
    case 'redis frozen':
      primary.process.kill('SIGSTOP')
      await sleep(lastsMs)
      primary.process.kill('SIGCONT')
      return true
    case 'redis paused':
      await ask(primary, (client) => client.call('CLIENT', 'PAUSE', lastsMs, choice < 0.5 ? 'ALL' : 'WRITE'))
      await sleep(lastsMs)
      return true
    case 'redis full':
      await fill(primary, lastsMs)
      return true
    case 'connections reset':
      proxy.pointTo(primary.port)
      return true
    case 'replies lost':
      proxy.setMode('drop-replies')
      await sleep(lastsMs)
      proxy.setMode('pass')
      return true
    case 'failover in place':
      return pair.failOver()
    default:
      return false
  }
}

/** Its memory is used up within a moment. */
async function fill(server: RedisServer, lastsMs: number): Promise<void> {
  await ask(server, async (client) => {
    const used = Number(/used_memory:(\d+)/.exec(await client.info('memory'))?.[1])
    await client.config('SET', 'maxmemory', used + 64 * 1024)
    await sleep(lastsMs)
    await client.config('SET', 'maxmemory', 0)
  })
}

class RedisPair {
  primary: RedisServer
  #replica: RedisServer
  readonly proxy: TcpProxy

  private constructor(primary: RedisServer, replica: RedisServer, proxy: TcpProxy) {
    this.primary = primary
    this.#replica = replica
    this.proxy = proxy
  }

  static async start(): Promise<RedisPair> {
    const [primary, replica] = await Promise.all([startRedis(serverSettings), startRedis(serverSettings)])
    await ask(replica, (client) => client.replicaof('127.0.0.1', primary.port))
    return new RedisPair(primary, replica, await startTcpProxy(primary.port))
  }

  /**
   * The replica takes over, once it has all, and the name leads to it. The old primary is demoted, and keeps its connections. False where the
   * replica lags behind since an earlier fault.
   */
  async failOver(): Promise<boolean> {
    const [old, next] = [this.primary, this.#replica]
    if (!(await isWhole(next))) return false
    const begun = await ask(old, (client) =>
      client.call('FAILOVER', 'TO', '127.0.0.1', next.port, 'TIMEOUT', 2_000),
    )
      .then(() => true)
      .catch(() => false)
    if (!begun) return false
    for (let tries = 0; tries < 100; tries++) {
      if ((await roleOf(next)) === 'master' && (await roleOf(old)) === 'slave') {
        this.primary = next
        this.#replica = old
        this.proxy.pointTo(next.port, { keepConnections: true })
        return true
      }
      await sleep(50)
    }
    return false
  }

  async stop(): Promise<void> {
    await this.proxy.stop()
    await Promise.all([this.primary.stop(), this.#replica.stop()])
  }
}

/** Whether a replica has all, on its disk too: one that writes its file anew would lose it in a kill. */
async function isWhole(replica: RedisServer): Promise<boolean> {
  return ask(replica, async (client) => {
    const state = (await client.info('replication')) + (await client.info('persistence'))
    const isOff = /aof_rewrite_in_progress:1|aof_rewrite_scheduled:1|loading:1|aof_enabled:0/.test(state)
    return /master_link_status:up/.test(state) && !isOff
  }).catch(() => false)
}

async function roleOf(server: RedisServer): Promise<string | undefined> {
  return ask(server, async (client) => /role:(\w+)/.exec(await client.info('replication'))?.[1])
}

async function ask<Answer>(
  { port }: RedisServer,
  question: (client: Redis) => Promise<Answer>,
): Promise<Answer> {
  const client = new Redis(port, '127.0.0.1', { retryStrategy: () => 50 })
  client.on('error', () => {})
  try {
    return await question(client)
  } finally {
    client.disconnect()
  }
}

/** Notes when Redis is slow because the machine is. */
function probe(server: () => RedisServer, trouble: TroubleLog, slowMs: number): () => void {
  let isOver = false
  const look = async () => {
    while (!isOver) {
      const from = machineTime()
      await ask(server(), (client) => client.ping()).catch(() => {})
      const to = machineTime()
      if (to - from > slowMs) trouble.add('redis slow', from, to)
      await sleep(100)
    }
  }
  void look()
  return () => {
    isOver = true
  }
}
