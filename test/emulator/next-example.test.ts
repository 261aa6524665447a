import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { signedSematryx } from '@hookport/testkit/receivers/signed-deliveries'
import { freePort } from '@hookport/testkit/servers/free-port'
import { startPostgres } from '@hookport/testkit/servers/postgres-server'
import { beforeAll, expect, onTestFinished, test } from 'vitest'
import { driveThroughAnOutage } from './support/drive-through-an-outage.ts'
import { startExample } from './support/start-example.ts'

const root = join(import.meta.dirname, '../..')
const next = join(root, 'node_modules/next/dist/bin/next')
const tsc = join(root, 'node_modules/typescript/bin/tsc')
const env = { ...process.env, NODE_ENV: 'production' as const, NEXT_TELEMETRY_DISABLED: '1' }

const run = (args: string[], cwd: string) => promisify(execFile)(process.execPath, args, { cwd, env })

/** It is built first, which takes half a minute. */
const inFull = test.runIf(process.env.TEST_ALL)

beforeAll(async () => {
  const stores = ['sqlite', 'bullmq', 'postgres']
  const references = ['next', ...stores].map((name) => `packages/${name}/tsconfig.build.json`)
  await run([tsc, '--build', '--noCheck', ...references], root) // Next resolves packages to their dist
  await run([next, 'build'], join(root, 'examples/next'))
}, 240_000)

inFull(
  'examples/next, built: what happened during an outage, and twice, is handled once',
  async () => {
    await driveThroughAnOutage(await freePort(), async (origin) => {
      const { port } = new URL(origin)
      const example = await startExample({
        folder: 'next',
        args: [next, 'start', '--port', port, '--hostname', '127.0.0.1'],
        env: { NODE_ENV: 'production', NEXT_TELEMETRY_DISABLED: '1' },
        healthUrl: `${origin}/healthz`,
      })
      return async (expected) => {
        await expect.poll(() => example.handled.length, { timeout: 10_000 }).toBeGreaterThanOrEqual(expected)
        return example.drain()
      }
    })
  },
  240_000,
)

inFull(
  'examples/next on Postgres: no process consumes, a delivery is handled within its request, and the cron works off what was left',
  async () => {
    const server = await startPostgres()
    onTestFinished(() => server.stop())
    const port = await freePort()
    const origin = `http://127.0.0.1:${port}`
    const example = await startExample({
      folder: 'next',
      args: [next, 'start', '--port', String(port), '--hostname', '127.0.0.1'],
      env: {
        NODE_ENV: 'production',
        NEXT_TELEMETRY_DISABLED: '1',
        DATABASE_URL: server.url,
        CRON_SECRET: 'cron-secret',
      },
      healthUrl: `${origin}/healthz`,
    })
    const url = `${origin}/webhooks/sematryx`
    const { body, ...signed } = signedSematryx({ id: 'evt_1', created_at: new Date().toISOString() })
    const reply = await fetch(url, { ...signed, body: new Uint8Array(body) })
    expect(reply.status).toBe(200)
    await expect.poll(() => example.handled, { timeout: 10_000 }).toMatchObject([{ id: 'evt_1' }])

    const ask = (token: string) => fetch(url, { headers: { authorization: `Bearer ${token}` } })
    expect((await ask('guess')).status).toBe(401)
    const drained = await ask('cron-secret')
    expect(drained.headers.get('cache-control')).toBe('no-store')
    expect(await drained.json()).toEqual({
      handled: 0,
      failed: 0,
      dead: 0,
      parked: 0,
      unhandled: 0,
      more: false,
    })
    await example.drain()
  },
  120_000,
)
