import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Line, Settings } from './worker.ts'

const script = fileURLToPath(new URL('worker.ts', import.meta.url))

export function startWorker(settings: Settings): ChildProcess {
  return spawn(
    process.execPath,
    ['--conditions=@hookport/source', '--no-warnings', script, JSON.stringify(settings)],
    { stdio: ['ignore', 'inherit', 'inherit'] },
  )
}

/** With all that it holds, at once. */
export async function kill(worker: ChildProcess): Promise<void> {
  if (worker.exitCode !== null || worker.signalCode !== null) return
  const gone = once(worker, 'exit')
  worker.kill('SIGKILL')
  await gone
}

export function linesOf(log: string): Line[] {
  if (!existsSync(log)) return []
  return readFileSync(log, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line))
}
