import { fork } from 'node:child_process'
import { once } from 'node:events'
import { onceIn } from '@hookport/once/pg'
import { startPgBouncer } from '@hookport/testkit/servers/pgbouncer'
import { startPostgres } from '@hookport/testkit/servers/postgres-server'
import pg from 'pg'
import { expect, onTestFinished, test } from 'vitest'
import { secret } from '../faults/processes/settings.ts'
import { deliverUntilAccepted, newDelivery } from '../faults/support/deliver.ts'

/** All of them take a minute and more on a machine that is busy: they are part of `npm run test:all`. */
const distinct = process.env.TEST_ALL ? 20_000 : 2_000
const senders = 64

test(`${distinct} events, every fourth of them twice, through PgBouncer with two web processes and once: ${distinct} effects`, async () => {
  const postgres = await startPostgres()
  onTestFinished(() => postgres.stop())
  const pooler = await startPgBouncer(postgres)
  onTestFinished(() => pooler.stop())
  const direct = new pg.Pool({ connectionString: postgres.url, max: 2 })
  direct.on('error', () => {})
  onTestFinished(() => direct.end())
  await direct.query('CREATE TABLE effects (id text)') // not unique: a second effect is to be seen
  await onceIn(direct).migrate()
  const urls = await Promise.all([startWeb(pooler.url), startWeb(pooler.url)])

  const ids: string[] = []
  let next = 0
  async function sendSome(): Promise<void> {
    while (next < distinct) {
      const number = next++
      const [one, other] = (number % 2 === 0 ? urls : urls.toReversed()) as [string, string]
      const { id, delivery } = newDelivery()
      ids.push(id)
      const first = deliverUntilAccepted(one, delivery)
      if (number % 4 === 0) await deliverUntilAccepted(other, delivery)
      await first
    }
  }
  await Promise.all(Array.from({ length: senders }, sendSome))

  const left = async () =>
    (await direct.query<{ left: number }>('SELECT count(*)::integer AS left FROM hookport.events')).rows[0]
      ?.left
  await expect.poll(left, { timeout: 240_000, interval: 200 }).toBe(0)
  const effects = await direct.query<{ id: string }>('SELECT id FROM effects')
  expect(effects.rows.map(({ id }) => id).toSorted()).toEqual(ids.toSorted())
}, 400_000)

/** Answers where it listens. */
async function startWeb(databaseUrl: string): Promise<string> {
  const child = fork(new URL('./support/once-process.ts', import.meta.url), [databaseUrl, secret], {
    execArgv: ['--conditions=@hookport/source', '--no-warnings'],
  })
  onTestFinished(async () => {
    const exited = once(child, 'exit')
    child.kill('SIGKILL')
    await exited
  })
  const [{ port }] = (await once(child, 'message')) as [{ port: number }]
  return `http://127.0.0.1:${port}`
}
