import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startTcpProxy, type TcpProxy } from '@hookport/testkit/proxies/tcp-proxy'
import { freePort } from '@hookport/testkit/servers/free-port'
import { type RedisServer, startRedis } from '@hookport/testkit/servers/redis-server'
import { Redis } from 'ioredis'
import { vi } from 'vitest'

/** A primary with a replica, under one name that leads to the primary. */
export interface ReplicatedRedis {
  /** The name. */
  readonly proxy: TcpProxy
  /** Makes the replica the primary, and the primary its replica. The name leads to the new primary from then on. */
  failOver(options: { keepConnections: boolean }): Promise<void>
  stop(): Promise<void>
}

export async function startReplicatedRedis(): Promise<ReplicatedRedis> {
  const [primary, replica] = await Promise.all([startRedis(), startRedis()])
  const [first, second] = [new Redis(primary.url), new Redis(replica.url)]
  await second.replicaof('127.0.0.1', primary.port)
  await linkIsUp(second)
  const proxy = await startTcpProxy(primary.port)
  return {
    proxy,
    async failOver(options) {
      await second.replicaof('NO', 'ONE')
      await first.replicaof('127.0.0.1', replica.port)
      await linkIsUp(first)
      proxy.pointTo(replica.port, options)
    },
    async stop() {
      first.disconnect()
      second.disconnect()
      await proxy.stop()
      await Promise.all([primary.stop(), replica.stop()])
    },
  }
}

/** Answers once a replica has all of its primary. */
export async function linkIsUp(replica: Redis): Promise<void> {
  await vi.waitUntil(async () => /master_link_status:up/.test(await replica.info('replication')), {
    timeout: 30_000,
  })
}

/** A Sentinel that watches a primary, by the name `main`. */
export interface Sentinel {
  readonly port: number
  readonly client: Redis
  stop(): Promise<void>
}

export async function startSentinel({ port: primaryPort }: RedisServer): Promise<Sentinel> {
  const folder = await mkdtemp(join(tmpdir(), 'hookport-sentinel-'))
  const file = join(folder, 'sentinel.conf')
  const port = await freePort()
  const settings = [
    `port ${port}`,
    `dir ${folder}`,
    `sentinel monitor main 127.0.0.1 ${primaryPort} 1`,
    'sentinel down-after-milliseconds main 1000',
    'sentinel failover-timeout main 5000',
  ]
  await writeFile(file, settings.join('\n'))
  const child = spawn(process.env.REDIS_SERVER ?? 'redis-server', [file, '--sentinel'], { stdio: 'ignore' })
  const client = new Redis(port, {
    retryStrategy: () => 50,
    maxRetriesPerRequest: null,
    enableReadyCheck: false,
  })
  client.on('error', () => {})
  await client.ping()
  return {
    port,
    client,
    async stop() {
      client.disconnect()
      const ended = once(child, 'exit')
      child.kill('SIGKILL')
      await ended
      await rm(folder, { recursive: true, force: true })
    },
  }
}
