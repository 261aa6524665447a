import { setTimeout as sleep } from 'node:timers/promises'
import { type RedisServer, startRedis } from '@hookport/testkit/servers/redis-server'
import { Redis } from 'ioredis'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { bullmqInbox } from '../src/index.ts'
import { consume } from './support/consuming.ts'
import { remember, sampleEvent } from './support/sample-event.ts'

let server: RedisServer

beforeEach(async () => {
  server = await startRedis()
  await server.kill()
}, 60_000)

afterEach(() => server?.stop(), 60_000)

test.each([
  [
    'a number that Redis does not have',
    { db: 99 },
    /does not let this inbox into its database 99: ERR DB index/,
  ],
  ['one that its user may not go to', { db: 1, username: 'shop', password: 'x' }, /database 1: NOPERM/],
])(
  'nothing is kept in database 0 in place of another: %s',
  async (_, options, refusal) => {
    await server.restart()
    const admin = new Redis(server.url)
    await admin.call('ACL', 'SETUSER', 'shop', 'on', '>x', '~*', '+@all', '-select')
    const inbox = bullmqInbox({
      connection: { ...new Redis(server.url, { lazyConnect: true }).options, ...options },
    })
    try {
      await expect(inbox.put(sampleEvent(), remember)).rejects.toThrow(refusal)
      await expect(inbox.put(sampleEvent(), remember)).rejects.toThrow(refusal)
      expect(await admin.dbsize()).toBe(0)
    } finally {
      await inbox.close()
      admin.disconnect()
    }
  },
  60_000,
)

test('an inbox that did not reach Redis at first works when Redis comes: put, counts and consume', async () => {
  const inbox = bullmqInbox({ connection: server.url })
  const event = sampleEvent()
  try {
    await expect(inbox.findRisks?.()).rejects.toThrow()
    await expect(inbox.put(event, remember)).rejects.toThrow()
    const consuming = consume(inbox)

    await server.restart()
    await vi.waitFor(() => inbox.put(event, remember), { timeout: 30_000 })
    await vi.waitFor(() => expect(consuming.ids).toEqual([event.id]), { timeout: 30_000 })
    await vi.waitFor(async () => expect(await inbox.counts()).toMatchObject({ pending: 0, active: 0 }), {
      timeout: 30_000,
    })
  } finally {
    await inbox.close()
  }
}, 120_000)

test('a queue for a dashboard that did not reach Redis at first works when Redis comes, and holds up no close until then', async () => {
  const [inbox, other] = [bullmqInbox({ connection: server.url }), bullmqInbox({ connection: server.url })]
  const queue = inbox.queue('sematryx')
  other.queue('sematryx')
  try {
    await expect(inbox.put(sampleEvent(), remember)).rejects.toThrow()
    await other.close()
    await server.restart()
    await vi.waitFor(() => inbox.put(sampleEvent(), remember), { timeout: 30_000 })
    expect(await queue.getJobCounts('wait')).toEqual({ wait: 1 })
  } finally {
    await inbox.close()
  }
}, 60_000)

test('a queue for a dashboard works when Redis comes, also where nothing else was asked of Redis, and nothing rejects unheard', async () => {
  const escaped = vi.fn()
  process.on('unhandledRejection', escaped)
  const inbox = bullmqInbox({ connection: server.url })
  const queue = inbox.queue('sematryx')
  try {
    await sleep(3_500) // longer than a call waits for Redis
    await server.restart()
    await vi.waitFor(async () => expect(await queue.getJobCounts('wait')).toEqual({ wait: 0 }), {
      timeout: 30_000,
    })
    expect(escaped).not.toHaveBeenCalled()
  } finally {
    process.off('unhandledRejection', escaped)
    await inbox.close()
  }
}, 60_000)
