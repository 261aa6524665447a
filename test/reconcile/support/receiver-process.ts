/**
 * A receiver of JAOT in a process of its own, that compares what it has taken on with JAOT's runs. Its effects, what is overdue and what it says
 * went wrong are lines of files.
 */
import { appendFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { createReceiver } from '@hookport/core'
import { nodeWebhooks } from '@hookport/core/node'
import { jaot } from '@hookport/providers/jaot'
import { jaotRuns } from '@hookport/providers/jaot-api'
import { inboxFromEnv } from '../../../examples/inbox/inbox-from-env.ts'

export interface ProcessSettings {
  readonly folder: string
  readonly secret: string
  readonly apiKey: string
  readonly baseUrl: string
  readonly every: number
}

const settings: ProcessSettings = JSON.parse(process.argv[2] ?? '')
const write = (file: string, line: string) => appendFileSync(join(settings.folder, file), `${line}\n`)

const receiver = createReceiver({
  provider: jaot({ secret: settings.secret }),
  inbox: inboxFromEnv(),
  logger: false,
  reconcile: jaotRuns(settings),
  observers: {
    accepted: ({ key }) => write('taken-on', key),
    reconciled: ({ key }) => {
      write('taken-on', key)
      write('reconciled', key)
    },
    duplicate: ({ conflict, key }) => conflict && write('conflicts', key),
    dead: ({ key }) => write('dead', key),
    fulfilled: ({ subject }) => write('fulfilled', subject),
  },
})
receiver.onAnyEvent(({ data }) => write('effects', (data as { run_id: string }).run_id), { name: 'effect' })
receiver.onOverdue(({ subject, lastSeen }) => write('overdue', `${subject} ${lastSeen?.status}`), {
  name: 'page',
})
receiver.start()

const webhooks = nodeWebhooks(receiver)
const server = createServer(async (request, response) => {
  const url = new URL(request.url ?? '/', 'http://localhost')
  if (url.pathname !== '/expect') return webhooks(request, response)
  const within = Number(url.searchParams.get('within'))
  response.end(await receiver.expect(url.searchParams.get('subject') ?? '', { within }))
}).listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port))
process.once('disconnect', () => process.exit(1))
process.once('SIGTERM', async () => {
  server.close()
  server.closeAllConnections()
  await receiver.stop()
  process.exit(0)
})
