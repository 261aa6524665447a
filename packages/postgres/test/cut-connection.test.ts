import { once } from 'node:events'
import type { Inbox, Logger, Verdict } from '@hookport/core'
import { postgresInbox } from '@hookport/postgres'
import { startPostgresProxy } from '@hookport/testkit/proxies/postgres-proxy'
import { expect, onTestFinished, test, vi } from 'vitest'
import { Housekeeping } from '../src/housekeeping.ts'
import { newSchema } from './support/new-schema.ts'
import { consuming, remembered, sampleEvent } from './support/sample-event.ts'
import { testServer } from './support/test-server.ts'

const database = testServer()

/** Every message with TEST_ALL; else every third. */
const step = process.env.TEST_ALL ? 1 : 3

/** An inbox that has one connection, which can be cut at any message. */
async function atProxy() {
  const schema = newSchema()
  const proxy = await startPostgresProxy(database.server.port)
  const pool = database.pool({ connectionString: proxy.url, max: 1 })
  const inbox = postgresInbox({ pool, schema, pollMs: 60_000 })
  const tidying = vi.spyOn(Housekeeping.prototype, 'tick').mockReturnValue() // it would be cut in place of what is put
  onTestFinished(async () => {
    tidying.mockRestore()
    await inbox.close()
    await pool.end()
    await proxy.stop()
  })
  await inbox.counts()
  return {
    inbox,
    proxy,
    kept: () =>
      database.ask(`SELECT id, attempt, interruptions FROM ${schema}.events ORDER BY sequence`) as Promise<
        { id: string; attempt: number; interruptions: number }[]
      >,
    /** The next statement begins with a new connection. */
    async reconnect() {
      const client = await pool.connect()
      const removed = once(pool, 'remove')
      client.release(true)
      await removed
    },
  }
}

test('a put is accepted once, after whichever message of its life the connection is cut, and each event is handled once', async () => {
  const { inbox, proxy, kept, reconnect } = await atProxy()
  const put = async (id: string, cutAfter: number) => {
    await reconnect()
    proxy.cutAfter(cutAfter)
    return (await inbox.put(sampleEvent(id), remembered)).outcome
  }
  expect(await put('whole', Number.POSITIVE_INFINITY)).toBe('accepted')
  const { messages } = proxy
  expect(messages).toBeGreaterThan(20)
  const ids = Array.from({ length: messages }, (_, k) => `cut_${k}`)
  const outcomes: string[] = []
  for (const [k, id] of ids.entries()) outcomes.push(await put(id, k))
  proxy.cutNever()
  // It had taken place where only a reply was lost: it is found to be held then.
  expect(outcomes.slice(-2)).toEqual(['duplicate', 'duplicate'])
  expect(outcomes.slice(0, -8)).toEqual(outcomes.slice(0, -8).map(() => 'accepted'))
  expect((await kept()).map(({ id }) => id)).toEqual(['whole', ...ids])
  expect(await handleAll(inbox)).toEqual(['whole', ...ids])
  expect(await kept()).toEqual([])
}, 60_000)

async function handleAll(inbox: Inbox): Promise<string[]> {
  const handled: string[] = []
  const consumer = inbox.consume(
    async ({ event, progress }) => {
      handled.push(event.id)
      return { outcome: 'done', progress }
    },
    consuming({ concurrency: 1 }),
  )
  await consumer.idle()
  await consumer.stop()
  return handled
}

const verdicts: Record<string, (attempt: number) => Omit<Verdict, 'progress'>> = {
  done: () => ({ outcome: 'done' }),
  retry: (attempt) =>
    attempt > 1
      ? { outcome: 'done' }
      : ({ outcome: 'retry', delayMs: 0, failures: [], attemptUsed: true } as Omit<Verdict, 'progress'>),
}

test.each([
  ['done', [1]],
  ['retry', [1, 2]],
] as const)(
  'the verdict %s is told once, after whichever message of its life the connection is cut, and nothing is said of another process',
  async (outcome, attempts) => {
    const { inbox, proxy, kept } = await atProxy()
    const warnings: string[] = []
    const logger: Logger = {
      ...consuming().logger,
      warn: (_, message) => void warnings.push(message),
      error: (_, message) => void warnings.push(message),
    }
    const turns: { id: string; attempt: number; interruptions: number }[] = []
    let cutAfter = Number.POSITIVE_INFINITY
    const consumer = inbox.consume(
      async ({ event, attempt, interruptions, progress }) => {
        turns.push({ id: event.id, attempt, interruptions })
        if (attempt === 1) proxy.cutAfter(cutAfter)
        return { ...(verdicts[outcome] as (typeof verdicts)[string])(attempt), progress } as Verdict
      },
      consuming({ concurrency: 1, logger }),
    )
    const handle = async (id: string, cut: number) => {
      await consumer.idle()
      turns.length = 0
      cutAfter = cut
      await inbox.put(sampleEvent(id), remembered)
      await expect.poll(kept, { interval: 1, timeout: 10_000 }).toEqual([])
      await consumer.idle()
      return [...turns]
    }
    await handle('whole', Number.POSITIVE_INFINITY)
    const { messages } = proxy
    expect(messages).toBeGreaterThan(10)
    for (let k = 0; k < messages; k += step) {
      const id = `cut_${k}`
      const expected = attempts.map((attempt) => ({ id, attempt, interruptions: 0 }))
      expect(await handle(id, k), `cut after message ${k}`).toEqual(expected)
    }
    expect(warnings).toEqual([])
  },
  60_000,
)
