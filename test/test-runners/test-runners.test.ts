import { execFile } from 'node:child_process'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Registry } from '../consumers/support/install.ts'

const run = promisify(execFile)

/** What a user's own test looks like, but for how its framework says "test" and "equal". */
const body = `
import { sematryxWebhooks } from '@hookport/express'
import { deliver, handled, manualClock } from '@hookport/testing'

test('a completed optimization is saved, at the second attempt', async () => {
  const clock = manualClock(new Date('2026-11-20T12:00:00Z'))
  const webhooks = sematryxWebhooks({ secret: 'a secret', clock, logger: false, retry: { jitter: 0 } })
  const saved = []
  webhooks.onEvent('optimization.completed', (event, { attempt }) => {
    if (attempt === 1) throw new Error('the database is away')
    saved.push(event.data.result.best_fitness)
  })
  const event = await deliver(webhooks, {
    type: 'optimization.completed',
    data: { result: { best_fitness: BEST } },
  })
  await clock.advance(1_000)
  await handled(event)
  equal(saved, [0.25])
  await webhooks.stop()
})
`

/** How each framework is spelled, and run. */
const runners = {
  vitest: {
    file: 'saved.test.js',
    start: `import { expect, test } from 'vitest'\nconst equal = (a, b) => expect(a).toEqual(b)\n`,
    command: ['node_modules/vitest/vitest.mjs', 'run', '--root', '.'],
  },
  jest: {
    file: 'saved.test.js',
    start: 'const equal = (a, b) => expect(a).toEqual(b)\n',
    command: ['--experimental-vm-modules', '--no-warnings', 'node_modules/jest/bin/jest.js', '--no-cache'],
  },
  'node:test': {
    file: 'saved.test.js',
    start: `import { deepEqual as equal } from 'node:assert/strict'\nimport { test } from 'node:test'\n`,
    command: ['--test', 'saved.test.js'],
  },
} as const

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hookport-runners-'))
  const registry = await Registry.packed(folder)
  for (const name of Object.keys(runners)) {
    const application = join(folder, name.replace(':', '-'))
    await mkdir(application)
    const wanted = ['@hookport/express', '@hookport/testing', ...(name === 'node:test' ? [] : [name])]
    await registry.install(application, wanted, 'hoisted')
    await writeFile(join(application, 'package.json'), '{ "type": "module", "jest": { "transform": {} } }')
  }
}, 120_000)
afterAll(() => rm(folder, { recursive: true, force: true }))

/** Runs the test of a user whose best is this, and answers the exit code. */
async function exitCode(
  name: keyof typeof runners,
  best: string,
  ...more: readonly string[]
): Promise<number> {
  const { file, start, command } = runners[name]
  const application = join(folder, name.replace(':', '-'))
  await writeFile(join(application, file), start + body.replace('BEST', best))
  const env = { ...process.env, NODE_OPTIONS: '', NODE_TEST_CONTEXT: undefined, VITEST: undefined }
  return run(process.execPath, [...command, ...more], { cwd: application, env }).then(
    () => 0,
    (error: { code: number; stdout: string; stderr: string }) => {
      if (!`${error.stdout}${error.stderr}`.includes('0.25')) throw error // it failed otherwise than the test would
      return error.code
    },
  )
}

test.each(Object.keys(runners) as (keyof typeof runners)[])(
  'a user’s test runs under %s, from packed packages, and fails where the application is wrong',
  { timeout: 60_000 },
  async (name) => {
    expect(await exitCode(name, '0.25')).toBe(0)
    expect(await exitCode(name, '0.5')).toBe(1)
  },
)

test('a user’s test runs under Jest with timers that are faked for all tests', {
  timeout: 60_000,
}, async () => {
  const faked = ['--config', '{"transform":{},"fakeTimers":{"enableGlobally":true}}']
  expect(await exitCode('jest', '0.25', ...faked)).toBe(0)
  expect(await exitCode('jest', '0.5', ...faked)).toBe(1)
})
