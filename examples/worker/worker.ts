import { createBullBoard } from '@bull-board/api'
import { BullMQAdapter } from '@bull-board/api/bullMQAdapter'
import { ExpressAdapter } from '@bull-board/express'
import { bullmqInbox } from '@hookport/bullmq'
import { jaotReceiver } from '@hookport/providers/jaot'
import { sematryxReceiver } from '@hookport/providers/sematryx'
import express from 'express'

/** Handles what the web process has accepted, and shows the queues at /queues. */
const inbox = bullmqInbox({ connection: process.env.REDIS_URL ?? 'redis://127.0.0.1:6379' })

const sematryx = sematryxReceiver({ secret: process.env.SEMATRYX_WEBHOOK_SECRET, inbox })
sematryx.onEvent('optimization.completed', ({ type, id, data }, { provider, attempt }) => {
  print({ msg: 'handled', provider, type, id, attempt, best_fitness: data.result.best_fitness })
})
sematryx.onUnhandledEvent(({ type, id }, { provider, attempt }) => {
  print({ msg: 'handled', provider, type, id, attempt })
})

const jaot = jaotReceiver({ secret: process.env.JAOT_WEBHOOK_SECRET, inbox })
jaot.onUnhandledEvent(({ type, id }, { provider, attempt }) => {
  print({ msg: 'handled', provider, type, id, attempt })
})

const board = new ExpressAdapter()
board.setBasePath('/queues')
createBullBoard({
  queues: [sematryx, jaot].map(({ provider }) => new BullMQAdapter(inbox.queue(provider))),
  serverAdapter: board,
})
const server = express()
  .use('/queues', board.getRouter()) // behind your login, in an application of yours
  .listen(Number(process.env.BOARD_PORT ?? 3001))

process.once('SIGTERM', drain).once('SIGINT', drain)

function drain(): void {
  server.close()
  void Promise.all([sematryx.stop(), jaot.stop()])
}

function print(line: object): void {
  process.stdout.write(`${JSON.stringify(line)}\n`)
}
