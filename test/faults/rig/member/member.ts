import { createServer } from 'node:http'
import { flushCompileCache } from 'node:module'
import type { AddressInfo } from 'node:net'
import type { Clock, Inbox, Logger, Observers } from '@hookport/core'
import { expressWebhooks } from '@hookport/express'
import { sematryxReceiver } from '@hookport/providers/sematryx'
import express from 'express'
import { setDiskFull, watchDatabases } from './disk.ts'
import { type EventType, type HandlerName, handlerSetOf } from './handler-sets.ts'
import { Journal } from './journal.ts'
import { journaledInbox } from './journaled-inbox.ts'
import { LoopWatch } from './loop-watch.ts'
import type { MemberGreeting, MemberOrder, MemberSettings } from './member-settings.ts'
import { runOrders } from './run-orders.ts'
import { breakInbox } from './twins.ts'

/** A process of the run: it accepts, or handles, or both. */
const settings: MemberSettings = JSON.parse(process.argv[2] ?? '')
const { who, version, accepts, handles, leaseMs, secret, once, twin } = settings

watchDatabases()
const journal = new Journal(settings.journal, who)
const loop = new LoopWatch(journal, leaseMs / 4)
let { clockOffsetMs } = settings
const clock: Clock = { now: () => Date.now() + clockOffsetMs }

const sound = await openInbox()
const inbox = twin ? breakInbox(sound, twin, leaseMs) : sound
const receiver = sematryxReceiver({
  secret,
  inbox: journaledInbox(inbox, journal, who),
  consume: false,
  clock,
  logger: stderrLogger(),
  observers: observersOf(['handled', 'parked', 'unhandled', 'dead']),
  retry: { attempts: 5, initialDelay: 50, maxDelay: 500 },
})
for (const [type, handlers] of Object.entries(handlerSetOf(version)) as [EventType, HandlerName[]][]) {
  for (const name of handlers) {
    const tools = { journal, loop, leaseMs, once }
    receiver.onEvent(type, (event, context) => runOrders(name, event, context, tools), { name })
  }
}

const server = createServer(express().use('/', expressWebhooks(receiver)))
process.on('message', ({ clockOffsetMs: offset, diskIsFull }: MemberOrder) => {
  if (offset !== undefined) clockOffsetMs = offset
  if (diskIsFull !== undefined) setDiskFull(diskIsFull)
})
const endWithTheRig = () => process.exit(1)
process.once('disconnect', endWithTheRig)
process.once('SIGTERM', () => {
  process.off('disconnect', endWithTheRig)
  process.disconnect()
  server.close()
  server.closeIdleConnections()
  void receiver.stop()
})

journal.write({ kind: 'started', version })
if (handles) receiver.start()
if (accepts) server.listen(0, '127.0.0.1', () => greet({ port: (server.address() as AddressInfo).port }))
else greet({ port: null })

function greet(greeting: MemberGreeting): void {
  process.send?.(greeting)
  flushCompileCache() // for the next one: this one may be killed
}

/** Loads only the package that is needed: processes start often. */
async function openInbox(): Promise<Inbox> {
  const { store } = settings
  if (store.kind === 'sqlite') {
    const { sqliteInbox } = await import('@hookport/sqlite')
    return sqliteInbox({ path: store.path, leaseMs, pollMs: 100, clock })
  }
  if (store.kind === 'postgres') {
    const [{ postgresInbox }, { default: pg }] = await Promise.all([
      import('@hookport/postgres'),
      import('pg'),
    ])
    const pool = new pg.Pool({ connectionString: store.url, allowExitOnIdle: true })
    return postgresInbox({ pool, leaseMs, pollMs: 100 })
  }
  const { bullmqInbox } = await import('@hookport/bullmq')
  return bullmqInbox({ connection: store.url, queueName: store.queueName, leaseMs })
}

function observersOf(names: readonly (keyof Observers)[]): Observers {
  const observe = (what: string) => (about: object) => {
    journal.write({ kind: 'observed', what, id: (about as { id: string }).id })
  }
  return Object.fromEntries(names.map((name) => [name, observe(name)]))
}

/** One line per entry, without stacks. */
function stderrLogger(): Logger {
  const write = (level: string) => (about: object, message: string) => {
    const { err, ...rest } = about as { err?: Error }
    process.stderr.write(`${level} ${message} ${JSON.stringify(rest)} ${err?.message ?? ''}\n`)
  }
  const warn = (about: { key?: string }, message: string) => {
    write('warn')(about, message)
    if (about.key && message.endsWith('is void'))
      journal.write({ kind: 'void', id: about.key.slice(about.key.indexOf(':') + 1) })
  }
  return { debug: () => {}, info: () => {}, warn, error: write('error') }
}
