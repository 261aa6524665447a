import { setTimeout as sleep } from 'node:timers/promises'
import { startRedis } from '@hookport/testkit/servers/redis-server'
import { Redis } from 'ioredis'
import { expect, test, vi } from 'vitest'
import { type BullmqInbox, bullmqInbox } from '../src/index.ts'
import { type Consuming, consume } from './support/consuming.ts'
import { linkIsUp, startReplicatedRedis, startSentinel } from './support/replicated-redis.ts'
import { remember, sampleEvent } from './support/sample-event.ts'

/** From a Redis that is ready for writes to the first event that it holds. */
const promisedMs = 5_000
const patience = { timeout: 30_000 }

/** Tries to put one event again and again, as a sender does. Answers how long that took. */
async function msUntilAccepted(inbox: BullmqInbox): Promise<number> {
  const startedAt = performance.now()
  const event = sampleEvent()
  while (performance.now() - startedAt < 30_000) {
    const outcome = await Promise.resolve(inbox.put(event, remember)).catch((error) => error)
    if (!(outcome instanceof Error)) return performance.now() - startedAt
    await sleep(50)
  }
  return Number.POSITIVE_INFINITY
}

async function expectHandled(inbox: BullmqInbox, consuming: Consuming, count: number): Promise<void> {
  await vi.waitFor(() => expect(new Set(consuming.ids).size).toBe(count), patience)
  await vi.waitFor(
    async () => expect(await inbox.counts()).toMatchObject({ pending: 0, active: 0 }),
    patience,
  )
}

test.each([
  { what: 'keeps its connections', keepConnections: true },
  { what: 'resets its connections', keepConnections: false },
])(
  'failover in place, where the old primary $what: the next event is held within 5 s, and consumers go on',
  async ({ keepConnections }) => {
    const redis = await startReplicatedRedis()
    const inbox = bullmqInbox({ connection: redis.proxy.url, leaseMs: 5_000 })
    try {
      const consuming = consume(inbox)
      await inbox.put(sampleEvent(), remember)
      await expectHandled(inbox, consuming, 1)
      await redis.failOver({ keepConnections })
      expect(await msUntilAccepted(inbox)).toBeLessThan(promisedMs)
      await expectHandled(inbox, consuming, 2)
      const accepted = [1, 2, 3].map(() => inbox.put(sampleEvent(), remember))
      expect(await Promise.all(accepted)).toEqual(Array(3).fill({ outcome: 'accepted' }))
      await expectHandled(inbox, consuming, 5)
      expect(consuming.lines.length).toBeLessThanOrEqual(4)
    } finally {
      await inbox.close()
      await redis.stop()
    }
  },
  60_000,
)

test('a primary that was demoted, and whose name leads nowhere else, costs a consumer no more than a line and a try now and then', async () => {
  const redis = await startReplicatedRedis()
  const inbox = bullmqInbox({ connection: redis.proxy.url })
  try {
    const consuming = consume(inbox)
    await consuming.consumer.idle()
    const port = Number(new URL(redis.proxy.url).port)
    const admin = new Redis(port)
    const [, , replicaPort] = await startedReplica(admin)
    await admin.replicaof('127.0.0.1', replicaPort)
    await admin.config('RESETSTAT')
    await sleep(10_000)
    const stats = await admin.info('commandstats')
    const scripts = [...stats.matchAll(/cmdstat_eval(?:sha)?:calls=(\d+)/g)]
    expect(scripts.reduce((sum, [, calls]) => sum + Number(calls), 0)).toBeLessThan(60)
    expect(consuming.lines.filter(({ level }) => level === 'error')).toHaveLength(1)
    admin.disconnect()
  } finally {
    await inbox.close()
    await redis.stop()
  }
}, 60_000)

test('failover by Sentinel: the next event is held within 5 s of it, and consumers go on', async () => {
  const [primary, replica] = await Promise.all([startRedis(), startRedis()])
  const second = new Redis(replica.url)
  await second.replicaof('127.0.0.1', primary.port)
  await linkIsUp(second)
  const sentinel = await startSentinel(primary)
  const inbox = bullmqInbox({
    connection: { sentinels: [{ host: '127.0.0.1', port: sentinel.port }], name: 'main' },
  })
  try {
    const consuming = consume(inbox)
    await inbox.put(sampleEvent(), remember)
    await expectHandled(inbox, consuming, 1)
    await vi.waitUntil(async () => (await second.get('{hookport}:layout')) === '3', patience) // Redis sends nothing on for up to a second after a sync
    await vi.waitFor(() => sentinel.client.call('SENTINEL', 'FAILOVER', 'main'), patience)
    await vi.waitUntil(async () => /role:master/.test(await second.info('replication')), patience)
    expect(await msUntilAccepted(inbox)).toBeLessThan(promisedMs)
    await expectHandled(inbox, consuming, 2)
    expect(await second.get('{hookport}:layout')).toBe('3')
  } finally {
    await inbox.close()
    await sentinel.stop()
    second.disconnect()
    await Promise.all([primary.stop(), replica.stop()])
  }
}, 90_000)

test('connections that are killed cost no refusal: what was under way is sent again, and held once', async () => {
  const server = await startRedis()
  const inbox = bullmqInbox({ connection: server.url })
  const admin = new Redis(server.url)
  try {
    const consuming = consume(inbox, undefined, { concurrency: 16 })
    await consuming.consumer.idle()
    let over = false
    let put = 0
    const refused: unknown[] = []
    const putting = Array.from({ length: 8 }, async () => {
      while (!over) {
        put += 1
        await Promise.resolve(inbox.put(sampleEvent(), remember)).catch((error) => refused.push(error))
      }
    })
    for (let kills = 0; kills < 5; kills++) {
      await sleep(200)
      await admin.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes')
    }
    await sleep(200)
    over = true
    await Promise.all(putting)
    expect(refused).toEqual([])
    await expectHandled(inbox, consuming, put)
    expect(consuming.turns).toHaveLength(put)
    expect(consuming.lines).toEqual([])
  } finally {
    admin.disconnect()
    await inbox.close()
    await server.stop()
  }
}, 60_000)

test('writes that are paused for a second cost no refusal', async () => {
  const server = await startRedis()
  const inbox = bullmqInbox({ connection: server.url })
  const admin = new Redis(server.url)
  try {
    await inbox.put(sampleEvent(), remember)
    await admin.call('CLIENT', 'PAUSE', '1000', 'WRITE')
    const puts = Array.from({ length: 20 }, () => inbox.put(sampleEvent(), remember))
    expect(await Promise.all(puts)).toEqual(Array(20).fill({ outcome: 'accepted' }))
  } finally {
    admin.disconnect()
    await inbox.close()
    await server.stop()
  }
}, 60_000)

test('a Redis that loads its data for seconds holds the next event within 5 s of being ready', async () => {
  const slow = ['--key-load-delay', '2000', '--loading-process-events-interval-bytes', '1024']
  const server = await startRedis(slow)
  const inbox = bullmqInbox({ connection: server.url })
  const admin = new Redis(server.url)
  try {
    await inbox.put(sampleEvent(), remember)
    await admin.eval("for number = 1, 1500 do redis.call('SET', KEYS[1] .. number, 'x') end", 1, 'filling-')
    await admin.save()
    admin.disconnect()
    await server.kill()
    const restarted = server.restart().then(() => performance.now())
    await sleep(500)
    await expect(inbox.put(sampleEvent(), remember)).rejects.toThrow(
      /can't be reached: it does not say that it is ready.*loading/,
    )
    const accepted = msUntilAccepted(inbox).then(() => performance.now())
    const [readyAt, acceptedAt] = await Promise.all([restarted, accepted])
    expect(acceptedAt - readyAt).toBeLessThan(promisedMs)
  } finally {
    await inbox.close()
    await server.stop()
  }
}, 60_000)

/** What `ROLE` says of the only replica. */
async function startedReplica(primary: Redis): Promise<[string, string, string]> {
  return vi.waitUntil(async (): Promise<[string, string, string] | undefined> => {
    const [, , replicas] = (await primary.role()) as unknown as [string, number, [string, string, string][]]
    const [host = '', port = ''] = replicas[0] ?? []
    return Number(port) > 0 ? ['replica', host, port] : undefined // it says its port a moment after it has come
  }, patience)
}
