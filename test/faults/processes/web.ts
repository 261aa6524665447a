import type { AddressInfo } from 'node:net'
import { bullmqInbox } from '@hookport/bullmq'
import { sematryxWebhooks } from '@hookport/express'
import express from 'express'
import { endWithTheTest, readSetting, secret } from './settings.ts'
import { stderrLogger } from './stderr-logger.ts'

/** Accepts, and leaves handling to the worker process. */
const inbox = bullmqInbox({ connection: readSetting('REDIS_URL'), queueName: readSetting('QUEUE_NAME') })
const webhooks = sematryxWebhooks({ secret, inbox, consume: false, logger: stderrLogger() })

const server = express()
  .use('/', webhooks)
  .listen(0, '127.0.0.1', () => process.send?.({ port: (server.address() as AddressInfo).port }))
server.keepAliveTimeout = 60_000

endWithTheTest(() => {
  server.close(() => void webhooks.stop())
  server.closeIdleConnections()
})
