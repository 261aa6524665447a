import { join } from 'node:path'
import { bullmqInbox } from '@hookport/bullmq'
import { freePort } from '@hookport/testkit/servers/free-port'
import { startRedis } from '@hookport/testkit/servers/redis-server'
import { temporaryFolder } from '@hookport/testkit/temporary-folder'
import { expect, onTestFinished, test } from 'vitest'
import { bothProviders } from './support/both-providers.ts'
import { driveThroughAnOutage, named } from './support/drive-through-an-outage.ts'
import { fromSources, type Handled, startExample } from './support/start-example.ts'

test.each(['express', 'fastify', 'hono'])(
  'examples/%s: what happened during an outage, and twice, is handled once',
  async (folder) => {
    await driveThroughAnOutage(await freePort(), async (origin) => {
      const env = { PORT: new URL(origin).port }
      const example = await startExample({ folder, env, healthUrl: `${origin}/healthz` })
      return example.drain
    })
  },
  60_000,
)

test.each(['express', 'fastify', 'hono'])('examples/%s: says whether it is ready', async (folder) => {
  const env = { PORT: String(await freePort()) }
  const origin = `http://127.0.0.1:${env.PORT}`
  const example = await startExample({ folder, env, healthUrl: `${origin}/healthz` })
  const reply = await fetch(`${origin}/ready`)
  expect([reply.status, await reply.json()]).toEqual([200, []])
  await example.drain()
})

test('examples/worker: one process accepts, another one handles, once', async () => {
  const redis = await startRedis()
  onTestFinished(() => redis.stop())
  await driveThroughAnOutage(await freePort(), async (origin) => {
    const env = { REDIS_URL: redis.url, PORT: new URL(origin).port, BOARD_PORT: String(await freePort()) }
    const folder = 'worker'
    const web = await startExample({
      folder,
      args: fromSources('web.ts'),
      env,
      healthUrl: `${origin}/healthz`,
    })
    const boardUrl = `http://127.0.0.1:${env.BOARD_PORT}/queues`
    const worker = await startExample({ folder, args: fromSources('worker.ts'), env, healthUrl: boardUrl })
    return async () => {
      await web.drain()
      await nothingIsLeft(redis.url)
      return worker.drain()
    }
  })
}, 60_000)

/** A worker that is told to stop leaves to others what is not begun. */
async function nothingIsLeft(connection: string): Promise<void> {
  const inbox = bullmqInbox({ connection })
  await expect
    .poll(() => inbox.counts(), { timeout: 10_000 })
    .toMatchObject({ pending: 0, scheduled: 0, active: 0, dead: 0 }) // types without a handler are parked
  await inbox.close()
}

test('examples/express with HOOKPORT_DB: what was handled before a restart is not handled after it', async () => {
  const folder = temporaryFolder()
  const port = await freePort()
  const origin = `http://127.0.0.1:${port}`
  const start = () =>
    startExample({
      folder: 'express',
      env: { PORT: String(port), HOOKPORT_DB: join(folder, 'webhooks.db') },
      healthUrl: `${origin}/healthz`,
    })
  const providers = await bothProviders(origin)
  providers.outageIsOver()
  /** An application that is told to stop leaves what is not begun to the next one. */
  const everyEventIsHandled = (handled: () => readonly Handled[]) =>
    expect
      .poll(() => handled().length, { timeout: 10_000 })
      .toBeGreaterThanOrEqual(providers.happened().length)

  const before = await start()
  await providers.letThingsHappen()
  await providers.emulator.settled()
  await everyEventIsHandled(() => before.handled)
  const handledBefore = await before.drain()
  const after = await start()
  await providers.resendEverything()
  await providers.letThingsHappen()
  await providers.emulator.settled()
  await everyEventIsHandled(() => [...handledBefore, ...after.handled])
  const handledAfter = await after.drain()

  expect(providers.emulator.deliveries().every(({ state }) => state === 'delivered')).toBe(true)
  expect([...handledBefore, ...handledAfter].map(named).sort()).toEqual(providers.happened())
  expect(handledAfter).toHaveLength(handledBefore.length)
}, 60_000)
