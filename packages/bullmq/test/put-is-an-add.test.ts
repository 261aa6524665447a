import { type RedisServer, startRedis } from '@hookport/testkit/servers/redis-server'
import { type Job, Queue } from 'bullmq'
import { Redis } from 'ioredis'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { bullmqInbox } from '../src/index.ts'
import { jobOptions } from '../src/scripts/parts/jobs.ts'
import { sampleEvent } from './support/sample-event.ts'

let server: RedisServer
let redis: Redis

beforeAll(async () => {
  server = await startRedis()
  redis = new Redis(server.url)
})

afterAll(async () => {
  redis.disconnect()
  await server.stop()
})

test("put leaves in Redis what BullMQ's Queue.add leaves", async () => {
  const event = sampleEvent()
  const inbox = bullmqInbox({ connection: server.url, prefix: '{ours}' })
  await inbox.put(event, { rememberMs: 60_000 })
  const job = (await inbox.queue('sematryx').getJobs(['wait']))[0] as Job

  const queue = new Queue('webhooks-sematryx', { connection: { port: server.port }, prefix: '{theirs}' })
  const { timestamp } = job
  await queue.add(job.name, job.data, { ...JSON.parse(jobOptions), jobId: job.id as string, timestamp })

  const ours = await snapshot('{ours}')
  expect(ours[`webhooks-sematryx:${job.id}`]).toBeDefined()
  expect(ours).toEqual(await snapshot('{theirs}'))
  await Promise.all([inbox.close(), queue.close()])
})

test('a prefix without a hash tag is used as it was given: a queue of BullMQ with that prefix has the events', async () => {
  const connection = { port: server.port }
  const inbox = bullmqInbox({ connection: server.url, prefix: 'bull' })
  const queue = new Queue('webhooks-sematryx', { connection, prefix: 'bull' })
  await inbox.put(sampleEvent(), { rememberMs: 60_000 })
  expect(await queue.getJobCounts('wait')).toEqual({ wait: 1 })
  await Promise.all([inbox.close(), queue.close()])
})

/** What lies under a prefix in keys of BullMQ's, without what differs from one call to the next. */
async function snapshot(prefix: string): Promise<Record<string, unknown>> {
  const keys = (await redis.keys(`${prefix}:webhooks-*`)).sort()
  const entries = await Promise.all(keys.map(async (key) => [key.slice(prefix.length + 1), await read(key)]))
  return Object.fromEntries(entries)
}

async function read(key: string): Promise<unknown> {
  const type = await redis.type(key)
  if (type === 'hash') return withParsedOptions(await redis.hgetall(key))
  if (type === 'list') return redis.lrange(key, 0, -1)
  if (type === 'zset') return redis.call('ZRANGE', key, '0', '-1', 'WITHSCORES')
  if (type === 'stream') return (await redis.xrange(key, '-', '+')).map((entry) => entry[1])
  return redis.get(key)
}

/** The options of a job are JSON with the fields in any order; the timestamp that BullMQ repeats in them is that of the job. */
function withParsedOptions({ opts, ...fields }: Record<string, string>): object {
  if (opts === undefined) return fields
  const { timestamp: _, jobId: __, ...options } = JSON.parse(opts)
  return { ...fields, opts: options }
}
