import { done } from '@hookport/testkit/attempts'
import { silentLogger } from '@hookport/testkit/logs'
import { type RedisServer, startRedis } from '@hookport/testkit/redis-server'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { bullmqInbox } from '../src/index.ts'
import { sampleEvent } from './support/sample-event.ts'

const remember = { rememberMs: 60_000 }

let server: RedisServer

beforeEach(async () => {
  server = await startRedis()
  await server.kill()
}, 60_000)

afterEach(() => server?.stop(), 60_000)

test('an inbox that did not reach Redis at first works when Redis comes: put, counts and consume', async () => {
  const inbox = bullmqInbox({ connection: server.url })
  const event = sampleEvent()
  const handled: string[] = []
  const work = async ({ event: { key } }: { event: { key: string } }) => {
    handled.push(key)
    return done
  }
  try {
    await expect(inbox.findRisks?.()).rejects.toThrow()
    await expect(inbox.put(event, remember)).rejects.toThrow()
    inbox.consume(work, { provider: 'sematryx', concurrency: 2, logger: silentLogger })

    await server.restart()
    await vi.waitFor(() => inbox.put(event, remember), { timeout: 30_000 })
    await vi.waitFor(() => expect(handled).toEqual([event.key]), { timeout: 30_000 })
    await vi.waitFor(async () => expect(await inbox.counts()).toMatchObject({ pending: 0, active: 0 }), {
      timeout: 30_000,
    })
  } finally {
    await inbox.close()
  }
}, 120_000)
