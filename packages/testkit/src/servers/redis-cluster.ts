import { execFile } from 'node:child_process'
import { dirname, join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { Redis } from 'ioredis'
import { freePort } from './free-port.ts'
import { type RedisServer, startRedis } from './redis-server.ts'

/** A test's own Redis Cluster. */
export interface RedisCluster {
  readonly nodes: readonly { readonly host: string; readonly port: number }[]
  /** Joins the nodes into a cluster. Before that, they answer, but refuse every key. */
  join(): Promise<void>
  stop(): Promise<void>
}

/** Starts three `redis-server`, to be joined by the `redis-cli` beside it. */
export async function startClusterNodes(): Promise<RedisCluster> {
  const servers: RedisServer[] = []
  const stop = async () => void (await Promise.all(servers.map((server) => server.stop())))
  try {
    while (servers.length < 3) servers.push(await startNode())
  } catch (error) {
    await stop()
    throw error
  }
  return {
    nodes: servers.map(({ port }) => ({ host: '127.0.0.1', port })),
    async join() {
      const addresses = servers.map(({ port }) => `127.0.0.1:${port}`)
      await promisify(execFile)(redisCli(), ['--cluster', 'create', ...addresses, '--cluster-yes'], {
        timeout: 60_000,
      })
      await Promise.all(servers.map(({ url }) => isInOrder(url)))
    },
    stop,
  }
}

/** `redis-cli` returns when the nodes know each other's slots. They find out that the cluster works a moment later. */
async function isInOrder(url: string): Promise<void> {
  const client = new Redis(url)
  try {
    while (!String(await client.cluster('INFO')).includes('cluster_state:ok')) await sleep(20)
  } finally {
    client.disconnect()
  }
}

async function startNode(): Promise<RedisServer> {
  const busPort = await freePort()
  return startRedis(['--cluster-enabled', 'yes', '--cluster-port', String(busPort)])
}

function redisCli(): string {
  const server = process.env.REDIS_SERVER
  return server?.includes('/') ? join(dirname(server), 'redis-cli') : 'redis-cli'
}
