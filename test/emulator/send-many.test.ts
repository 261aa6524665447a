import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { freePort } from '@hookport/testkit/servers/free-port'
import { expect, test } from 'vitest'
import { sematryxSecret, startExample } from './support/start-example.ts'

const main = join(import.meta.dirname, '../../packages/cli/src/main.ts')
const count = 10_000

/** The command in a process of its own, as a shell runs it. */
async function hookport(...args: string[]): Promise<string> {
  const env = { ...process.env, HOOKPORT_SECRET: sematryxSecret }
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--conditions=@hookport/source', main, ...args],
    { env },
  )
  return stdout
}

test(`hookport send --count ${count} to examples/express: no error, and the table adds up`, async () => {
  const port = await freePort()
  const origin = `http://127.0.0.1:${port}`
  const example = await startExample({
    folder: 'express',
    env: { PORT: String(port) },
    healthUrl: `${origin}/healthz`,
  })
  const url = `${origin}/webhooks/sematryx`
  const to = ['send', '--provider', 'sematryx', '--url', url, '--count', String(count), '--seed', '5']
  const report = JSON.parse(await hookport(...to, '--json'))

  expect(report).toMatchObject({
    deliveries: count,
    attempts: count,
    replies: { 200: count },
    errors: {},
    asExpected: count,
    unexpected: 0,
    seed: 5,
  })
  const { p50, p90, p99, max } = report.latencyMs
  expect([p50, p90, p99, max]).toEqual([p50, p90, p99, max].toSorted((one, other) => one - other))
  expect(p50).toBeGreaterThan(0)

  const handled = await example.drain()
  expect(new Set(handled.map(({ id }) => id)).size).toBe(count)
  expect(handled).toHaveLength(count)
}, 120_000)
