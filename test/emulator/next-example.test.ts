import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { freePort } from '@hookport/testkit/free-port'
import { expect, test } from 'vitest'
import { driveThroughAnOutage } from './support/drive-through-an-outage.ts'
import { startExample } from './support/start-example.ts'

const root = join(import.meta.dirname, '../..')
const next = join(root, 'node_modules/next/dist/bin/next')
const tsc = join(root, 'node_modules/typescript/bin/tsc')
const env = { ...process.env, NODE_ENV: 'production' as const, NEXT_TELEMETRY_DISABLED: '1' }

const run = (args: string[], cwd: string) => promisify(execFile)(process.execPath, args, { cwd, env })

test('examples/next, built: what happened during an outage, and twice, is handled once', async () => {
  const references = ['next', 'sqlite', 'bullmq'].map((name) => `packages/${name}/tsconfig.build.json`)
  await run([tsc, '--build', '--noCheck', ...references], root) // Next resolves packages to their dist
  await run([next, 'build'], join(root, 'examples/next'))

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
}, 240_000)
