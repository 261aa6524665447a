import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { expect, onTestFinished, test } from 'vitest'
import { newSchema } from './support/new-schema.ts'
import { testServer } from './support/test-server.ts'

const database = testServer()

interface Telling {
  readonly ready?: true
  readonly accepted?: number
  readonly handled?: string
  readonly interruptions?: number
}

function start(schema: string): { child: ChildProcess; told: Telling[] } {
  const told: Telling[] = []
  const child = fork(new URL('./support/put-and-handle.ts', import.meta.url), [database.server.url, schema], {
    execArgv: ['--conditions=@hookport/source', '--no-warnings'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  child.on('message', (message) => told.push(message as Telling))
  return { child, told }
}

test('two processes put the same 300 events and handle them, and one is killed at work: each is accepted once and all are handled', async () => {
  const schema = newSchema()
  const [one, other] = [start(schema), start(schema)]
  const handled = () => [one, other].flatMap(({ told }) => told.flatMap(({ handled }) => handled ?? []))
  const bothHave = (what: keyof Telling) => [one, other].every(({ told }) => told.some((one) => one[what]))
  await expect.poll(() => bothHave('ready'), { timeout: 60_000 }).toBe(true)
  for (const { child } of [one, other]) child.send('begin')
  const isAtWork = () => bothHave('handled') && handled().length > 40
  await expect.poll(isAtWork, { timeout: 60_000, interval: 5 }).toBe(true)
  one.child.kill('SIGKILL')
  await once(one.child, 'exit')
  await expect.poll(() => new Set(handled()).size, { timeout: 60_000 }).toBe(300)
  const accepted = [one, other].flatMap(({ told }) => told.flatMap(({ accepted }) => accepted ?? []))
  expect(accepted.reduce((sum, count) => sum + count, 0)).toBe(300)
  expect(
    handled().length - 300,
    'more was handled again than what the one that was killed had under work',
  ).toBeLessThanOrEqual(4)
  other.child.send('leave')
  await once(other.child, 'exit')
}, 120_000)
