import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'
import { onTestFinished } from 'vitest'

export const sematryxSecret = 'your-webhook-secret'
export const jaotSecret = 'whsec_your_signing_secret_here'

const root = join(import.meta.dirname, '../../..')

/** What an example prints of an event that it has handled. */
export interface Handled {
  provider: string
  type: string
  id: string
}

export interface Example {
  /** What it has handled so far. */
  readonly handled: readonly Handled[]
  /** Ends it as its host would, and answers all that it handled. */
  drain(): Promise<Handled[]>
}

interface ExampleOptions {
  folder: string
  /** Of Node. Defaults to running `server.ts` from the sources. */
  args?: readonly string[]
  env: Record<string, string>
  /** Answers 200 once it is up. */
  healthUrl?: string
}

const environment = {
  ...process.env,
  DATABASE_URL: undefined,
  HOOKPORT_DB: undefined,
  REDIS_URL: undefined,
  SEMATRYX_WEBHOOK_SECRET: sematryxSecret,
  JAOT_WEBHOOK_SECRET: jaotSecret,
}

export function fromSources(file: string): string[] {
  return ['--conditions=@hookport/source', file]
}

/** Starts an example application as a process of its own, as its README says. Ends with the test at the latest. */
export async function startExample(options: ExampleOptions): Promise<Example> {
  const { folder, args = fromSources('server.ts'), env, healthUrl } = options
  const child = spawn(process.execPath, args, {
    cwd: join(root, 'examples', folder),
    env: { ...environment, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const exited = once(child, 'exit')
  onTestFinished(() => void child.kill('SIGKILL'))
  const handled: Handled[] = []
  const lines = createInterface({ input: child.stdout }).on('line', (line) => {
    if (line.startsWith('{')) handled.push(JSON.parse(line)) // Next has more to say
  })
  const closed = once(lines, 'close')
  if (healthUrl !== undefined) await untilHealthy(healthUrl, child)
  return {
    handled,
    async drain() {
      child.kill('SIGTERM')
      await Promise.all([exited, closed])
      return handled
    },
  }
}

async function untilHealthy(url: string, child: ChildProcess): Promise<void> {
  while (child.exitCode === null) {
    const response = await fetch(url).catch(() => undefined)
    if (response?.ok) return
    await sleep(50)
  }
  throw new Error(`the example ended with exit code ${child.exitCode}`)
}
