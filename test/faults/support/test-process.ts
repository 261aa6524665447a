import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect } from 'vitest'
import type { Settings } from '../processes/settings.ts'

/** How long a process may take to start or to end, on a machine that is busy. */
const patienceMs = 30_000

/** A process of the application under test. */
export interface TestProcess {
  readonly pid: number
  /** What it has said when it was ready. */
  readonly greeting: { readonly port?: number }
  kill(signal: NodeJS.Signals): void
  /** The signal or code that it ended with. */
  readonly ended: Promise<NodeJS.Signals | number>
  /** Asserts that it still runs, and that nothing went unhandled in it. */
  assertUnharmed(): void
  /** Ends it as a deployment does, by SIGTERM, and asserts that it leaves by itself, in good order. */
  drain(): Promise<void>
  /** Ends it, whatever state it is in. */
  end(): Promise<void>
}

export async function startTestProcess(
  file: 'web.ts' | 'worker.ts',
  settings: Settings,
): Promise<TestProcess> {
  const path = join(import.meta.dirname, '../processes', file)
  const child = spawn(
    process.execPath,
    [
      '--conditions=@hookport/source',
      '--unhandled-rejections=strict',
      '--disable-warning=ExperimentalWarning',
      path,
    ],
    { env: { ...process.env, ...settings }, stdio: ['ignore', 'ignore', 'pipe', 'ipc'] },
  )
  let stderr = ''
  child.stderr?.on('data', (text) => {
    stderr += text
  })
  child.on('error', () => {})
  const ended = once(child, 'exit').then(([code, signal]) => (signal ?? code) as NodeJS.Signals | number)
  const greeting = await Promise.race([once(child, 'message'), ended, sleep(patienceMs, 'too late')])
  if (!Array.isArray(greeting)) {
    child.kill('SIGKILL')
    throw new Error(`${file} did not start: ${greeting}\n${stderr}`)
  }

  const assertNothingUnhandled = () => expect(stderr).not.toMatch(/unhandled|uncaught/i)
  return {
    pid: child.pid as number,
    greeting: greeting[0],
    ended,
    kill: (signal) => void child.kill(signal),
    assertUnharmed() {
      expect([child.exitCode, child.signalCode], stderr.slice(-5000)).toEqual([null, null])
      assertNothingUnhandled()
    },
    async drain() {
      child.kill('SIGTERM')
      expect(await Promise.race([ended, sleep(patienceMs, 'it is still running')]), stderr.slice(-5000)).toBe(
        0,
      )
      assertNothingUnhandled()
    },
    async end() {
      child.kill('SIGKILL')
      await ended
    },
  }
}
