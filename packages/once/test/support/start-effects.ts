import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { onTestFinished } from 'vitest'

/** A process of its own that handles events through `once`. */
export interface Effects {
  readonly process: ChildProcess
  readonly lines: readonly string[]
  /** Resolves with the first line that begins so. */
  said(beginning: string): Promise<string>
  /** Resolves when it has ended well. */
  readonly ended: Promise<void>
}

interface EffectsOptions {
  readonly url: string
  readonly ids: readonly string[]
  readonly handlerTimeout?: number
  /** How long apply goes on after it has written. `frozen`: its process stops itself then, until it gets a SIGCONT. */
  readonly holdMs?: number | 'frozen'
}

export function startEffects({ url, ids, handlerTimeout = 25_000, holdMs = 0 }: EffectsOptions): Effects {
  const script = join(import.meta.dirname, 'effect-process.ts')
  const settings = [url, String(handlerTimeout), String(holdMs)]
  const child = spawn(
    process.execPath,
    ['--conditions=@hookport/source', '--no-warnings', script, ...settings, ...ids],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  )
  onTestFinished(() => {
    child.kill('SIGKILL')
  })
  const lines: string[] = []
  const reader = createInterface({ input: child.stdout })
  reader.on('line', (line) => lines.push(line))
  return {
    process: child,
    lines,
    async said(beginning) {
      for (;;) {
        const found = lines.find((line) => line.startsWith(beginning))
        if (found) return found
        await once(reader, 'line')
      }
    },
    ended: once(child, 'exit').then(([code, signal]) => {
      if (code !== 0) throw new Error(`it ended with ${code ?? signal}`)
    }),
  }
}
