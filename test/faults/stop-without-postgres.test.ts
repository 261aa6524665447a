import { setTimeout as sleep } from 'node:timers/promises'
import { defineSource, type Source } from '@hookport/core'
import { postgresInbox } from '@hookport/postgres'
import { sematryxReceiver } from '@hookport/providers/sematryx'
import { sampleEvent, signDelivery } from '@hookport/sender'
import { startTcpProxy } from '@hookport/testkit/proxies/tcp-proxy'
import { freePort } from '@hookport/testkit/servers/free-port'
import { type PostgresServer, startPostgres } from '@hookport/testkit/servers/postgres-server'
import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { secret } from './processes/settings.ts'

let server: PostgresServer

beforeAll(async () => {
  server = await startPostgres()
}, 90_000)

afterAll(() => server?.stop())

/** The promise is 6 s after the last handler. A machine that is busy gets some more. */
const stoppedWithinMs = 11_000

/** A list of nothing, asked for often. */
const nothing = defineSource({
  provider: 'sematryx',
  every: 1_000,
  isWhole: true,
  readPage: async () => ({ items: [], count: 0, isLast: true }),
  find: async () => undefined,
})

function receiverOn(
  connectionString: string,
  { pool = new pg.Pool({ connectionString }), ...options }: { reconcile?: Source; pool?: pg.Pool } = {},
) {
  pool.on('error', () => {})
  const inbox = postgresInbox({ pool })
  return sematryxReceiver({ secret, inbox, logger: false, handlerTimeout: 8_000, ...options })
}

/** Counts the connections that the pool asks for. */
function countConnects(pool: pg.Pool): () => number {
  let asked = 0
  const connect = pool.connect.bind(pool)
  pool.connect = ((...given: []) => {
    asked++
    return connect(...given)
  }) as typeof pool.connect
  return () => asked
}

async function timeToStop(receiver: ReturnType<typeof receiverOn>): Promise<number> {
  const beganAt = performance.now()
  await receiver.stop()
  const took = performance.now() - beganAt
  return took
}

test('stop resolves within six seconds while Postgres is away, with nothing under work', async () => {
  const receiver = receiverOn(server.url).onAnyEvent(() => {})
  await receiver.idle()
  await server.kill()
  await sleep(300)
  expect(await timeToStop(receiver)).toBeLessThan(stoppedWithinMs)
  await server.restart()
}, 60_000)

test('what is stopped while Postgres is away does not look for it any more', async () => {
  const pool = new pg.Pool({ connectionString: server.url })
  const connects = countConnects(pool)
  const receiver = receiverOn(server.url, { pool }).onAnyEvent(() => {})
  await receiver.idle()
  await server.kill()
  await sleep(300)
  await receiver.stop()
  const asked = connects()
  await sleep(2_000)
  expect(connects()).toBe(asked)
  await server.restart()
}, 60_000)

test('stop resolves within six seconds of the last handler while Postgres is away', async () => {
  const ran: string[] = []
  const receiver = receiverOn(server.url).onAnyEvent(async ({ id }) => {
    await sleep(1_000)
    ran.push(id)
  })
  const event = sampleEvent('sematryx', 'optimization.completed', { at: Date.now() })
  const { method, headers, body } = signDelivery({ provider: 'sematryx', secret, event })
  await receiver.idle()
  const reply = await receiver.receive({
    method,
    url: '/',
    headers: new Headers(headers),
    readBody: () => body,
  })
  expect(reply.status).toBe(200)
  await sleep(300)
  await server.kill()
  expect(await timeToStop(receiver)).toBeLessThan(stoppedWithinMs)
  expect(ran).toHaveLength(1)
  await server.restart()
}, 60_000)

test('stop resolves within six seconds where Postgres was never there', async () => {
  const receiver = receiverOn(`postgres://postgres@127.0.0.1:${await freePort()}/postgres`).onAnyEvent(
    () => {},
  )
  await sleep(300)
  expect(await timeToStop(receiver)).toBeLessThan(stoppedWithinMs)
}, 60_000)

test('stop resolves within six seconds while Postgres does not answer', async () => {
  const proxy = await startTcpProxy(server.port)
  const receiver = receiverOn(`postgres://postgres@127.0.0.1:${proxy.port}/postgres`).onAnyEvent(() => {})
  await receiver.idle()
  proxy.setMode('black-hole')
  await sleep(300)
  expect(await timeToStop(receiver)).toBeLessThan(stoppedWithinMs)
  await proxy.stop()
}, 60_000)

test('stop resolves within six seconds while Postgres is away, also in the middle of a reconciliation', async () => {
  const receiver = receiverOn(server.url, { reconcile: nothing }).onAnyEvent(() => {})
  await receiver.idle()
  await sleep(1_500)
  await server.kill()
  await sleep(2_500)
  expect(await timeToStop(receiver)).toBeLessThan(stoppedWithinMs)
  await server.restart()
}, 60_000)
