import { once } from 'node:events'
import { type AddressInfo, createServer, Socket } from 'node:net'
import { postgresInbox } from '@hookport/postgres'
import { recordedLogger } from '@hookport/testkit/logs'
import pg from 'pg'
import { expect, onTestFinished, test, vi } from 'vitest'
import { newSchema } from './support/new-schema.ts'
import { refuse } from './support/refuse.ts'
import { consuming, remembered, sampleEvent } from './support/sample-event.ts'
import { testServer } from './support/test-server.ts'

const database = testServer()
const never = { pollMs: 10 * 60_000 }

test('what another process puts wakes a consumer at once, and again after its connection was lost', async () => {
  const schema = newSchema()
  const [web, worker] = [1, 2].map(() =>
    postgresInbox({ pool: database.pool(), schema, listen: true, ...never }),
  )
  const handled: string[] = []
  worker?.consume(async ({ event, progress }) => {
    handled.push(event.id)
    return { outcome: 'done', progress }
  }, consuming())
  const listeners = () =>
    database.ask<{ pid: number }>(
      `SELECT pid FROM pg_stat_activity WHERE query LIKE 'LISTEN "hookport ${schema}"'`,
    )
  await expect.poll(async () => (await listeners()).length, { timeout: 15_000 }).toBe(1)
  await new Promise((resolve) => setTimeout(resolve, 3_000)) // it asks ever more seldom
  await web?.put(sampleEvent('one'), remembered)
  await expect.poll(() => handled, { timeout: 2_000 }).toEqual(['one'])
  const [lost] = await listeners()
  await database.ask('SELECT pg_terminate_backend($1)', [lost?.pid])
  await expect.poll(async () => (await listeners())[0]?.pid, { timeout: 15_000 }).not.toBe(lost?.pid)
  await expect.poll(async () => (await listeners()).length, { timeout: 15_000 }).toBe(1)
  await web?.put(sampleEvent('two'), remembered)
  await expect.poll(() => handled, { timeout: 15_000 }).toEqual(['one', 'two'])
  await Promise.all([web?.close(), worker?.close()])
  await expect.poll(async () => (await listeners()).length, { timeout: 15_000 }).toBe(0)
}, 90_000)

test('a listen that can’t connect is told of, once, and events are handled all the same', async () => {
  const log = recordedLogger()
  const listen = database.server.url.replace(/[^/]*$/, 'no_such_database')
  const inbox = postgresInbox({ pool: database.pool(), schema: newSchema(), listen })
  const handled: string[] = []
  inbox.consume(
    async ({ event, progress }) => {
      handled.push(event.id)
      return { outcome: 'done', progress }
    },
    { ...consuming(), logger: log.logger },
  )
  await inbox.put(sampleEvent('one'), remembered)
  await expect.poll(() => handled, { timeout: 15_000 }).toEqual(['one'])
  await new Promise((resolve) => setTimeout(resolve, 2_500)) // it tries again every second
  expect(log.lines).toMatchObject([
    { level: 'warn', message: expect.stringContaining('the connection of listen can not be made') },
  ])
  await inbox.close()
}, 90_000)

test('a listen for which the application can’t make a stream is told of, and tried again, and the process goes on', async () => {
  const log = recordedLogger()
  let isDown = false
  const stream = () => {
    if (isDown) throw new Error('the tunnel is down')
    return new Socket()
  }
  const inbox = postgresInbox({ pool: database.pool({ stream }), schema: newSchema(), listen: true })
  const escaped = vi.fn()
  process.on('unhandledRejection', escaped)
  onTestFinished(() => void process.off('unhandledRejection', escaped))
  await inbox.put(sampleEvent('one'), remembered) // the pool has a connection now
  isDown = true
  inbox.consume(async ({ progress }) => ({ outcome: 'done', progress }), {
    ...consuming(),
    logger: log.logger,
  })
  isDown = false
  await expect.poll(() => log.lines.length, { timeout: 15_000 }).toBe(2)
  const trouble = 'the connection of listen can not be made'
  expect(log.lines).toMatchObject([
    { level: 'warn', message: expect.stringContaining(trouble) },
    { level: 'warn', message: expect.stringMatching(`${trouble}.*: this is over`) },
  ])
  expect(escaped).not.toHaveBeenCalled()
  await inbox.close()
}, 90_000)

test('where others can’t be told of a put, it is accepted all the same, and the process goes on', async () => {
  const pool = database.pool()
  const telling = refuse(pool, /pg_notify/)
  const inbox = postgresInbox({ pool, schema: newSchema(), listen: true, ...never })
  const escaped = vi.fn()
  process.on('unhandledRejection', escaped)
  onTestFinished(() => void process.off('unhandledRejection', escaped))
  telling.isOn = true
  expect(await inbox.put(sampleEvent('one'), remembered)).toEqual({ outcome: 'accepted' })
  await expect.poll(() => telling.count).toBe(1)
  await inbox.close()
  expect(escaped).not.toHaveBeenCalled()
}, 90_000)

/** Closes an inbox, and answers after how many milliseconds it has. */
async function timeToClose(listen: string | boolean, isUnanswered: (schema: string) => Promise<void>) {
  const schema = newSchema()
  const inbox = postgresInbox({ pool: database.pool(), schema, listen })
  await inbox.consume(async ({ progress }) => ({ outcome: 'done', progress }), consuming()).idle()
  await isUnanswered(schema)
  const beganAt = performance.now()
  await inbox.close()
  return performance.now() - beganAt
}

test('an inbox closes in time where the server has stopped to answer its connection of listen', async () => {
  const took = await timeToClose(true, async (schema) => {
    const sql = `SELECT pid FROM pg_stat_activity WHERE query = 'LISTEN "hookport ${schema}"'`
    await expect.poll(() => database.ask(sql), { timeout: 15_000 }).toHaveLength(1)
    const [{ pid } = { pid: 0 }] = await database.ask<{ pid: number }>(sql)
    process.kill(pid, 'SIGSTOP')
    onTestFinished(() => void process.kill(pid, 'SIGCONT'))
  })
  expect(took).toBeLessThan(5_000)
})

/** A server that takes connections, and says nothing. */
async function silentServer() {
  const server = createServer({ allowHalfOpen: true }, (socket) =>
    onTestFinished(() => void socket.destroy()),
  )
  await once(server.listen(0, '127.0.0.1'), 'listening')
  onTestFinished(() => void server.close())
  const { port } = server.address() as AddressInfo
  const connections = () => new Promise((resolve) => server.getConnections((_, count) => resolve(count)))
  return { url: `postgres://postgres@127.0.0.1:${port}/postgres`, connections }
}

test('an inbox closes in time where the server does not answer while listen connects', async () => {
  const { url, connections } = await silentServer()
  const took = await timeToClose(url, async () => {
    await expect.poll(connections).toBe(1)
  })
  expect(took).toBeLessThan(5_000)
})

test('a listen that gets no answer is told of after the time that the pool has for its connections', async () => {
  const { url } = await silentServer()
  const { logger, lines } = recordedLogger()
  const pool = database.pool({ connectionTimeoutMillis: 1_000 })
  const inbox = postgresInbox({ pool, schema: newSchema(), listen: url })
  inbox.consume(async ({ progress }) => ({ outcome: 'done', progress }), { ...consuming(), logger })
  await expect
    .poll(() => lines, { timeout: 5_000 })
    .toMatchObject([{ message: expect.stringContaining('the connection of listen can not be made') }])
  await inbox.close()
})

test('a connection of listen is kept alive where nothing is told for long, and its loss is noticed', async () => {
  const pool = database.pool()
  const listening: pg.ClientConfig[] = []
  const noting = class extends pg.Client {
    constructor(config: pg.ClientConfig) {
      super(config)
      const query = this.query.bind(this) as (...given: unknown[]) => never
      this.query = (...given: unknown[]) => {
        if (String(given[0]).startsWith('LISTEN')) listening.push(config)
        return query(...given)
      }
    }
  }
  Object.assign(pool, { Client: noting })
  const inboxes = [true, database.server.url].map((listen) =>
    postgresInbox({ pool, schema: newSchema(), listen }),
  )
  for (const inbox of inboxes)
    inbox.consume(async ({ progress }) => ({ outcome: 'done', progress }), consuming())
  const kept = { keepAlive: true, keepAliveInitialDelayMillis: 60_000 }
  await expect.poll(() => listening, { timeout: 15_000 }).toMatchObject([kept, kept])
  await Promise.all(inboxes.map((inbox) => inbox.close()))
})
