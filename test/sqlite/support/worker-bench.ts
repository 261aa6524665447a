import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createReceiver, type Inbox } from '@hookport/core'
import { sematryx } from '@hookport/providers/sematryx'
import { sampleEvent, signDelivery } from '@hookport/sender'
import { sqliteInbox } from '@hookport/sqlite'
import { silentLogger } from '@hookport/testkit/logs'
import { temporaryFolder } from '@hookport/testkit/temporary-folder'
import { expect, onTestFinished } from 'vitest'

/** What `worker-process.ts` is told, as JSON. */
export interface WorkerSettings {
  readonly database: string
  readonly effectsFile: string
  readonly secret: string
  readonly leaseMs: number
  /** Of a handler, until the event is a dead letter. */
  readonly attempts: number
  /** The types that it has a handler for. */
  readonly types: readonly string[]
  /** How long the handler of an event `block…` keeps the event loop, and that of `wait…` waits. */
  readonly blockMs: number
  /** Marks the effects of this process. */
  readonly run: number
}

export interface Worker {
  readonly child: ChildProcess
  /** Resolves when the process is gone, by whatever cause. */
  readonly gone: Promise<void>
  /** Lets it finish what is under work. Answers its exit code. */
  stop(): Promise<number | null>
}

/** A database, a file of effects, and this process as the one that accepts deliveries and never handles them. */
export function workerBench(common: Partial<WorkerSettings> = {}) {
  const folder = temporaryFolder()
  const settings = {
    database: join(folder, 'inbox.db'),
    effectsFile: join(folder, 'effects.jsonl'),
    secret: 'whsec_worker',
    leaseMs: 500,
    attempts: 3,
    types: ['optimization.completed'],
    blockMs: 0,
    ...common,
  }
  writeFileSync(settings.effectsFile, '')
  const inbox: Inbox = sqliteInbox({ path: settings.database })
  const web = createReceiver({
    provider: sematryx({ secret: settings.secret }),
    inbox,
    consume: false,
    logger: silentLogger,
  })
  onTestFinished(() => web.stop())
  let run = 0
  return {
    inbox,
    async start(more: Partial<WorkerSettings> = {}): Promise<Worker> {
      const all: WorkerSettings = { ...settings, ...more, run: ++run }
      const child = fork(join(import.meta.dirname, 'worker-process.ts'), [JSON.stringify(all)], {
        execArgv: ['--conditions=@hookport/source', '--no-warnings'],
      })
      const gone = once(child, 'exit').then(() => {})
      onTestFinished(() => {
        child.kill('SIGKILL')
        return gone
      })
      await Promise.race([once(child, 'message'), gone])
      return {
        child,
        gone,
        async stop() {
          child.kill('SIGTERM')
          await gone
          return child.exitCode
        },
      }
    },
    /** Asserts that it is acknowledged. */
    async deliver(id: string, type = 'optimization.completed'): Promise<void> {
      const event = { ...sampleEvent('sematryx', type), id }
      const { method, headers, body } = signDelivery({
        provider: 'sematryx',
        form: 'compact',
        secret: settings.secret,
        event,
      })
      const sent = new Headers(headers)
      const { status } = await web.receive({
        method,
        url: '/',
        headers: { get: (name) => sent.get(name) ?? undefined },
        readBody: () => body,
      })
      expect(status).toBe(200)
    },
    /** How often each event had its effect. */
    effects(): Record<string, number> {
      const counts: Record<string, number> = {}
      for (const line of readFileSync(settings.effectsFile, 'utf8').trim().split('\n').filter(Boolean)) {
        const { id } = JSON.parse(line)
        counts[id] = (counts[id] ?? 0) + 1
      }
      return counts
    },
  }
}
