/**
 * A function that works off what waits, and that its platform ends at its limit: one drain in a process of its own, which kills itself when the
 * time of the drain is used. What it does is a line in a file each.
 */
import { appendFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { inboxInFront } from '@hookport/core/testing'
import { sematryxReceiver } from '@hookport/providers/sematryx'
import { type DrainSettings, openStore, silentLogger } from './drain-settings.ts'

const settings: DrainSettings = JSON.parse(process.argv[2] ?? '')
const { inbox } = await openStore(settings)
await inbox.counts() // a cold start is no part of the drain
const interruptionsOf = new Map<string, number>()

const receiver = sematryxReceiver({
  secret: settings.secret,
  consume: false,
  concurrency: 4,
  logger: silentLogger,
  inbox: inboxInFront(inbox, {
    consume: (work, options) =>
      inbox.consume((attempt) => {
        interruptionsOf.set(attempt.event.id, attempt.interruptions)
        return work(attempt)
      }, options),
  }),
})
receiver.onAnyEvent(async ({ id }) => {
  await sleep(Math.random() * settings.workMs)
  const line = { run: settings.run, id, interruptions: interruptionsOf.get(id) }
  appendFileSync(settings.effectsFile, `${JSON.stringify(line)}\n`)
  await sleep(Math.random() * settings.workMs)
})
setTimeout(() => process.kill(process.pid, 'SIGKILL'), settings.maxMs)
await receiver.drain({ maxMs: settings.maxMs })
await sleep(settings.maxMs) // a drain that has found nothing more is killed, too
