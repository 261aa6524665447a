/**
 * A receiver in a process of its own: Express, a SQLite inbox, and two handlers whose effects are lines in a file, synced
 * before the handler goes on. Kills itself at the point that `crashAt` names.
 */
import { fsyncSync, openSync, writeSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { sematryxWebhooks } from '@hookport/express'
import { sqliteInbox } from '@hookport/sqlite'
import express from 'express'
import type { ReceiverSettings } from './start-receiver.ts'

const settings: ReceiverSettings = JSON.parse(process.argv[2] ?? '')
const effects = openSync(settings.effectsFile, 'a')

function leaveEffect(handler: string, id: string): void {
  writeSync(effects, `${JSON.stringify({ run: settings.run, handler, id })}\n`)
  if (settings.syncEffects) fsyncSync(effects)
}

function reach(point: ReceiverSettings['crashAt']): void {
  if (settings.crashAt === point) process.kill(process.pid, 'SIGKILL')
}

const webhooks = sematryxWebhooks({
  logger: false,
  secret: settings.secret,
  inbox: sqliteInbox({ path: settings.database, leaseMs: settings.leaseMs, pollMs: 50 }),
  observers: { accepted: () => reach('before the reply'), handled: () => reach('before the completion') },
})
webhooks.onAnyEvent(
  async ({ id }) => {
    reach('after take-up')
    await sleep(Math.random() * settings.workMs)
    reach('mid-handler')
    leaveEffect('first', id)
    reach('after the effect')
  },
  { name: 'first' },
)
webhooks.onAnyEvent(
  async ({ id }) => {
    reach('between handlers')
    leaveEffect('second', id)
  },
  { name: 'second' },
)

const server = createServer(express().use('/webhook', webhooks)).listen(0, '127.0.0.1', () => {
  process.send?.((server.address() as AddressInfo).port)
})
process.once('SIGTERM', () => {
  server.close()
  server.closeAllConnections()
  void webhooks.stop().then(() => process.disconnect())
})
