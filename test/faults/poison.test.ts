import { emptyCounts } from '@hookport/testkit/inbox/event-records'
import { type RedisServer, startRedis } from '@hookport/testkit/servers/redis-server'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { deliver } from './support/deliver.ts'
import { startStack } from './support/stack.ts'

let redis: RedisServer

beforeAll(async () => {
  redis = await startRedis(['--appendonly', 'yes'])
}, 60_000)

afterAll(() => redis?.stop(), 60_000)

test('an event that kills its process each time becomes a dead letter, and none of its neighbours does', async () => {
  const stack = await startStack(redis.url, { leaseMs: 1_000 })
  try {
    const url = await stack.startWeb()
    const neighbour = () => deliver(url, { data: { workMs: 300 } })
    const before = await Promise.all([neighbour(), neighbour(), neighbour()])
    const poison = await deliver(url, { data: { poison: true } })
    const after = await Promise.all([neighbour(), neighbour(), neighbour()])
    let deaths = 0
    while ((await stack.inbox.counts()).dead === 0) {
      const worker = await stack.startWorker()
      const died = worker.ended.then(() => true)
      while ((await stack.inbox.counts()).dead === 0) {
        if (await Promise.race([died, later(100)])) break
      }
      if (await Promise.race([died, later(0)])) deaths += 1
    }
    expect(deaths).toBe(5) // two beside others, and three alone: as many as `retry` has attempts
    const { items } = await stack.inbox.list({ state: 'dead' })
    expect(items).toMatchObject([{ id: poison.id, failures: [{ code: 'interrupted' }] }])
    await expect.poll(() => stack.inbox.counts(), { timeout: 30_000 }).toEqual({ ...emptyCounts, dead: 1 })
    const handled = new Set((await stack.effects()).map(({ id }) => id))
    expect([...before, ...after].filter(({ id }) => !handled.has(id))).toEqual([])
  } finally {
    await stack.end()
  }
}, 180_000)

function later(ms: number): Promise<false> {
  return new Promise((resolve) => setTimeout(() => resolve(false), ms))
}
