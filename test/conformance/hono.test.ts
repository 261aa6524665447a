import { once } from 'node:events'
import type { Server } from 'node:http'
import { serve } from '@hono/node-server'
import { localProbe } from '@hookport/conformance'
import { webWebhooks } from '@hookport/core/web'
import { auditedReceivers, targetAt, withoutNode } from '@hookport/testkit/audits/audited-receivers'
import { describeAudits } from '@hookport/testkit/audits/describe-audits'
import { type Running, runningServer, serving } from '@hookport/testkit/http/serving'
import { Hono } from 'hono'
import { describeSamples } from './support/describe-samples.ts'

const running = serving(start)
describeAudits('Hono', () => withoutNode(targetAt(running.origin, localProbe)))
describeSamples(
  'Hono',
  () => running.origin,
  () => localProbe,
)

async function start(): Promise<Running> {
  const receivers = auditedReceivers()
  const app = new Hono({ strict: false })
  app.use('/consumed', async ({ req }, next) => {
    await req.raw.arrayBuffer()
    await next()
  })
  for (const [path, receiver] of Object.entries(receivers)) {
    const receive = webWebhooks(receiver)
    app.all(path, ({ req }) => receive(req.raw))
  }
  app.post('/json', async (context) => context.json({ parsed: await context.req.json() }))
  const server = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' }) as Server
  if (!server.listening) await once(server, 'listening')
  return runningServer(server, () => Promise.all(Object.values(receivers).map((receiver) => receiver.stop())))
}
