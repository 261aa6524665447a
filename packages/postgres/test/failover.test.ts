import { postgresInbox } from '@hookport/postgres'
import { startTcpProxy } from '@hookport/testkit/proxies/tcp-proxy'
import { startPostgres, startStandby } from '@hookport/testkit/servers/postgres-server'
import pg from 'pg'
import { expect, onTestFinished, test } from 'vitest'
import { consuming, remembered, sampleEvent } from './support/sample-event.ts'

test('a standby says that it is one, refuses puts with where to connect, and takes events on once it is promoted', async () => {
  const primary = await startedPrimary()
  const standby = await startedStandby(primary)
  const before = postgresInbox({ pool: poolTo(primary.port) })
  await before.put(sampleEvent('one'), remembered)

  const inbox = postgresInbox({ pool: poolTo(standby.port) })
  await expect.poll(() => inbox.get('acme:one'), { timeout: 30_000 }).toMatchObject({ id: 'one' })
  expect(await inbox.findRisks?.()).toEqual([expect.stringContaining('Postgres is a standby')])
  await expect(inbox.put(sampleEvent('two'), remembered)).rejects.toThrow(/connect the pool to the primary/)

  await before.close()
  await primary.kill()
  await promote(standby.port)
  expect(await inbox.put(sampleEvent('two'), remembered)).toMatchObject({ outcome: 'accepted' })
  await inbox.close()
}, 120_000)

test('failover to a synchronous standby under load: no accepted event is lost, none is taken on anew, and consumers go on', async () => {
  const primary = await startedPrimary({ synchronous_standby_names: '*' })
  const standby = await startedStandby(primary)
  const proxy = await startTcpProxy(primary.port)
  onTestFinished(() => proxy.stop())
  const inbox = postgresInbox({ pool: poolTo(proxy.port), leaseMs: 2_000 })
  const turns = new Map<string, number>()
  const consumer = inbox.consume(async ({ event, progress }) => {
    turns.set(event.id, (turns.get(event.id) ?? 0) + 1)
    return { outcome: 'done', progress }
  }, consuming())

  const accepted: string[] = []
  const refused: string[] = []
  let isOver = false
  const send = async (sender: number) => {
    for (let index = 0; !isOver; index++) {
      const id = `${sender}_${index}`
      const put = Promise.resolve(inbox.put(sampleEvent(id), remembered))
      await put.then(
        () => accepted.push(id),
        () => refused.push(id),
      )
    }
  }
  const senders = Promise.all([1, 2, 3, 4].map(send))
  await expect.poll(() => accepted.length, { timeout: 30_000 }).toBeGreaterThan(200)
  await primary.kill()
  await expect.poll(() => refused.length, { timeout: 30_000 }).toBeGreaterThan(3)
  await promote(standby.port)
  proxy.pointTo(standby.port)
  const atPromotion = accepted.length
  await expect.poll(() => accepted.length - atPromotion, { timeout: 30_000 }).toBeGreaterThan(200)
  isOver = true
  await senders

  for (const id of accepted)
    expect(await inbox.put(sampleEvent(id), remembered), id).toMatchObject({ outcome: 'duplicate' })
  for (const id of refused) await inbox.put(sampleEvent(id), remembered)
  const all = [...accepted, ...refused]
  await expect.poll(() => all.filter((id) => !turns.has(id)), { timeout: 30_000 }).toEqual([])
  await consumer.idle()
  expect(await inbox.counts()).toMatchObject({ pending: 0, active: 0, scheduled: 0, dead: 0 })
  await inbox.close()
}, 120_000)

async function startedPrimary(settings: Record<string, string> = {}) {
  const primary = await startPostgres(settings)
  onTestFinished(() => primary.stop())
  return primary
}

async function startedStandby(primary: Awaited<ReturnType<typeof startPostgres>>) {
  const standby = await startStandby(primary)
  onTestFinished(() => standby.stop())
  return standby
}

function poolTo(port: number): pg.Pool {
  const pool = new pg.Pool({ host: '127.0.0.1', port, user: 'postgres', database: 'postgres' })
  pool.on('error', () => {})
  onTestFinished(() => pool.end())
  return pool
}

async function promote(port: number): Promise<void> {
  const client = new pg.Client({ host: '127.0.0.1', port, user: 'postgres', database: 'postgres' })
  await client.connect()
  await client.query('SELECT pg_promote()')
  await client.end()
}
