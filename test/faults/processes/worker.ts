import { setTimeout as sleep } from 'node:timers/promises'
import { bullmqInbox } from '@hookport/bullmq'
import { PermanentError } from '@hookport/core'
import { sematryxReceiver } from '@hookport/providers/sematryx'
import { type CrashPoint, crashAt, type TestData } from './crash-points.ts'
import { EffectLog } from './effect-log.ts'
import { endWithTheTest, readSetting, secret } from './settings.ts'
import { stderrLogger } from './stderr-logger.ts'

/** Handles what the web process has accepted. Writes one line per effect to a file, and crashes where an event asks for it. */
const inbox = bullmqInbox({
  connection: readSetting('REDIS_URL'),
  queueName: readSetting('QUEUE_NAME'),
  leaseMs: Number(readSetting('LEASE_MS')),
})
const effects = new EffectLog(readSetting('EFFECTS'))
const interruptionsOf = new Map<string, number>()

const consume = inbox.consume.bind(inbox)
inbox.consume = (work, options) =>
  consume(async (attempt) => {
    const { id, rawBody } = attempt.event
    const { data } = JSON.parse(Buffer.from(rawBody).toString('utf8'))
    interruptionsOf.set(id, attempt.interruptions)
    comeTo('after take-up', id, data)
    const verdict = await work(attempt)
    comeTo('before completion', id, data)
    return verdict
  }, options)

/** Short, so that an event that kills its process is buried before the test loses patience. */
const retry = { attempts: 3, initialDelay: 200, maxDelay: 400 }
const receiver = sematryxReceiver({ secret, inbox, retry, logger: stderrLogger() })

receiver.onEvent('optimization.completed', async ({ id, data: anyData }) => {
  const data = anyData as TestData
  comeTo('mid-handler', id, data)
  if (data.poison) process.kill(process.pid, 'SIGKILL')
  if (data.failsInProcess === process.pid) throw new PermanentError('this process fails it for good')
  await sleep(data.workMs ?? 2)
  await takeEffect(id, 'only')
  comeTo('after the effect', id, data)
})

receiver.onEvent(
  'optimization.failed',
  async ({ id }) => {
    await takeEffect(id, 'first')
  },
  { name: 'first' },
)
receiver.onEvent(
  'optimization.failed',
  async ({ id, data }) => {
    comeTo('mid-handler', id, data)
    await takeEffect(id, 'second')
  },
  { name: 'second' },
)

process.send?.({ ready: true })
endWithTheTest(() => void receiver.stop())

function comeTo(point: CrashPoint, id: string, data: unknown): void {
  crashAt(point, readSetting('POINTS'), id, data)
}

function takeEffect(id: string, handler: string): Promise<void> {
  return effects.append({ id, handler, pid: process.pid, interruptions: interruptionsOf.get(id) ?? 0 })
}
