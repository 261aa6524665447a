import { appendFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { join } from 'node:path'
import { createReceiver, type Inbox } from '@hookport/core'
import { nodeWebhooks } from '@hookport/core/node'
import { jaot } from '@hookport/providers/jaot'
import { jaotRuns } from '@hookport/providers/jaot-api'

export interface ReceiverSettings {
  readonly folder: string
  readonly secret: string
  readonly apiKey: string
  readonly baseUrl: string
  readonly every: number
}

/**
 * A receiver of JAOT that compares what it has taken on with JAOT's runs, and its server, which listens nowhere yet. Its effects, what is overdue
 * and what it says went wrong are lines of files.
 */
export function observedReceiver(
  settings: ReceiverSettings,
  inbox: Inbox,
): { server: Server; stop(): Promise<void> } {
  const { apiKey, baseUrl, every } = settings
  const write = (file: string, line: string) => appendFileSync(join(settings.folder, file), `${line}\n`)
  const receiver = createReceiver({
    provider: jaot({ secret: settings.secret }),
    inbox,
    logger: false,
    reconcile: jaotRuns({ apiKey, baseUrl, every }),
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
  })
  return {
    server,
    async stop() {
      server.close()
      server.closeAllConnections()
      await receiver.stop()
    },
  }
}
