import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'

/** Where a receiver may be told to kill itself. */
export type CrashPoint =
  | 'before the reply'
  | 'after take-up'
  | 'mid-handler'
  | 'after the effect'
  | 'between handlers'
  | 'before the completion'

/** What `receiver-process.ts` is told, as JSON. */
export interface ReceiverSettings {
  database: string
  effectsFile: string
  secret: string
  leaseMs: number
  /** The first handler takes up to this long. */
  workMs: number
  /** Whether effects are synced to the disk. */
  syncEffects: boolean
  /** Marks the effects of this process. */
  run: number
  crashAt?: CrashPoint
}

export interface ReceiverProcess {
  readonly url: string
  /** Resolves when the process is gone, by whatever cause. */
  readonly gone: Promise<void>
  /** Like the loss of the process: nothing in it runs any more. */
  kill(): Promise<void>
  /** Lets it finish what is under work. Answers its exit code. */
  stop(): Promise<number | null>
}

/** Starts a receiver in a process of its own, and kills it with the test at the latest. */
export async function startReceiver(settings: ReceiverSettings): Promise<ReceiverProcess> {
  const child = fork(join(import.meta.dirname, 'receiver-process.ts'), [JSON.stringify(settings)], {
    execArgv: ['--conditions=@hookport/source'],
  })
  const gone = once(child, 'exit').then(() => {})
  onTestFinished(() => {
    child.kill('SIGKILL')
    return gone
  })
  const port = await portOf(child, gone)
  return {
    url: `http://127.0.0.1:${port}/webhook`,
    gone,
    kill() {
      child.kill('SIGKILL')
      return gone
    },
    async stop() {
      child.kill('SIGTERM')
      await gone
      return child.exitCode
    },
  }
}

async function portOf(child: ChildProcess, gone: Promise<void>): Promise<number> {
  const told = once(child, 'message').then(([port]) => Number(port))
  const died = gone.then(() => {
    throw new Error('the receiver died before it listened')
  })
  return Promise.race([told, died])
}
