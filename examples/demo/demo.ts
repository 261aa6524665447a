import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { createApp } from '@hookport/example-express/app'
import { inboxFromEnv } from '@hookport/example-inbox'
import { losingProvider } from './losing-provider.ts'
import { minuteInTheLife, troubleFor } from './minute-in-the-life.ts'
import { sum, Tally } from './tally.ts'

process.env.SEMATRYX_WEBHOOK_SECRET ??= 'your-webhook-secret'
process.env.JAOT_WEBHOOK_SECRET ??= 'whsec_your_signing_secret_here'

const startedAt = Date.now()
const folder = await mkdtemp(join(tmpdir(), 'hookport-demo-'))
const inbox = inboxFromEnv({ HOOKPORT_DB: join(folder, 'webhooks.db'), ...process.env })
const counted = new Tally()
const { app, sematryx, jaot } = createApp(
  {
    inbox,
    logger: false,
    observers: counted.observers,
    retry: { attempts: 4, initialDelay: 100, maxDelay: 400 },
  },
  () => {},
)
sematryx.onAnyEvent(troubleFor)
jaot.onAnyEvent(troubleFor)

const server = app.listen(0, '127.0.0.1')
await once(server, 'listening')
const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
print(`receiver on ${origin}, inbox: ${inbox.name}\n`)

const expected = new Tally()
for (const step of [...minuteInTheLife(origin), losingProvider(counted.observers)]) {
  const statuses = await step.send()
  counted.add(statuses)
  expected.add(step.expected)
  print(`  ${step.title.padEnd(66)} ${String(sum(statuses)).padStart(4)} sent`)
}
print('\n  waiting for handlers and their retries …')
await finished()
server.close()
await Promise.all([sematryx.stop(), jaot.stop()])
await rm(folder, { recursive: true })

print(`\n${counted.compareWith(expected)}\n`)
const verdict = counted.equals(expected)
  ? 'Every figure is what was sent.'
  : 'The figures are NOT what was sent.'
print(`${verdict} ${((Date.now() - startedAt) / 1000).toFixed(1)} s`)
process.exitCode = counted.equals(expected) ? 0 : 1

/** Until every accepted event has come to its end, or ten seconds have passed. */
async function finished(): Promise<void> {
  const giveUpAt = Date.now() + 10_000
  while (counted.unfinished > 0 && Date.now() < giveUpAt) await sleep(20)
}

function print(text: string): void {
  process.stdout.write(`${text}\n`)
}
