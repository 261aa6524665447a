import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { Redis } from 'ioredis'
import { died, end } from './pinned-process.ts'

/** Lends the URL of a new Redis on the second core. It keeps nothing on disk: what is measured is our side of it. */
export async function withRedis<Result>(use: (url: string) => Promise<Result>): Promise<Result> {
  const redis = await startRedis()
  try {
    return await use(redis.url)
  } finally {
    await redis.stop()
  }
}

async function startRedis(): Promise<{ url: string; stop(): Promise<void> }> {
  const port = await freePort()
  const command = [
    'redis-server',
    '--port',
    String(port),
    '--bind',
    '127.0.0.1',
    '--save',
    '',
    '--appendonly',
    'no',
  ]
  const [file, ...args] = process.platform === 'linux' ? ['taskset', '-c', '1', ...command] : command
  const child = spawn(file as string, args, { stdio: ['ignore', 'ignore', 'inherit'] })
  const client = new Redis(port, '127.0.0.1', { retryStrategy: () => 50, maxRetriesPerRequest: null })
  client.on('error', () => {})
  await Promise.race([client.ping(), died(child)]).finally(() => client.disconnect())
  return { url: `redis://127.0.0.1:${port}`, stop: () => end(child) }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  server.close()
  return port
}
