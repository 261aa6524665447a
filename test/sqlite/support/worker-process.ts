/**
 * A worker in a process of its own: a SQLite inbox, and a handler that does what the id of the event says. Effects are lines in a file, synced
 * before the handler goes on.
 */
import { fsyncSync, openSync, writeSync } from 'node:fs'
import { createReceiver } from '@hookport/core'
import { sematryx } from '@hookport/providers/sematryx'
import { sqliteInbox } from '@hookport/sqlite'
import type { WorkerSettings } from './worker-bench.ts'

const settings: WorkerSettings = JSON.parse(process.argv[2] ?? '')
const effects = openSync(settings.effectsFile, 'a')

const receiver = createReceiver({
  provider: sematryx({ secret: settings.secret }),
  inbox: sqliteInbox({ path: settings.database, leaseMs: settings.leaseMs, pollMs: 50 }),
  retry: { attempts: settings.attempts, initialDelay: 20, maxDelay: 40 },
  logger: { debug() {}, info() {}, warn() {}, error() {} },
})
receiver.onEvent(settings.types as 'optimization.completed'[], async ({ id }) => {
  if (id.startsWith('poison')) process.exit(1)
  leaveEffect(id)
  if (id.startsWith('block')) block(settings.blockMs)
  if (id.startsWith('wait')) await new Promise((resolve) => setTimeout(resolve, settings.blockMs))
  if (id.startsWith('bad')) throw badError(id)
})
process.send?.('ready')
process.once('SIGTERM', () => void receiver.stop().then(() => process.disconnect()))

function leaveEffect(id: string): void {
  writeSync(effects, `${JSON.stringify({ run: settings.run, id })}\n`)
  fsyncSync(effects)
}

function block(ms: number): void {
  for (const startedAt = performance.now(); performance.now() - startedAt < ms; );
}

/** What handlers have thrown that no store can write as it is. */
function badError(id: string): unknown {
  const error = new Error('bad')
  if (id === 'bad-bigint') return Object.assign(error, { message: 10n })
  if (id === 'bad-circle') return Object.assign(error, { message: error, stack: { error } })
  if (id === 'bad-getter')
    return Object.defineProperty(error, 'message', {
      get: () => badError('bad-getter-again') && process.exit,
    })
  return Object.create(null)
}
