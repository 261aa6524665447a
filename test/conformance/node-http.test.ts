import type { RequestListener } from 'node:http'
import { json } from 'node:stream/consumers'
import { localProbe } from '@hookport/conformance'
import type { Receiver } from '@hookport/core'
import { nodeWebhooks } from '@hookport/core/node'
import { auditedReceivers, targetAt } from '@hookport/testkit/audits/audited-receivers'
import { describeAudits } from '@hookport/testkit/audits/describe-audits'
import { passThrough } from '@hookport/testkit/audits/in-front'
import { listen, serving } from '@hookport/testkit/http/serving'
import { describeSamples } from './support/describe-samples.ts'

for (const sender of ['sematryx', 'jaot'] as const) {
  const app = serving(() => {
    const receivers = auditedReceivers(sender)
    return listen(application(receivers), receivers)
  })
  describeAudits(`node:http, ${sender}`, () => targetAt(app.origin, localProbe, sender))
  if (sender === 'sematryx')
    describeSamples(
      'node:http',
      () => app.origin,
      () => localProbe,
    )
}

function application(receivers: Record<string, Receiver>): RequestListener {
  const listeners = new Map(
    Object.entries(receivers).map(([path, receiver]) => [path, nodeWebhooks(receiver)]),
  )
  return async (request, response) => {
    const path = new URL(request.url ?? '', 'http://localhost').pathname.replace(/\/$/, '')
    if (path === '/json') return void response.end(JSON.stringify({ parsed: await json(request) }))
    await passThrough(path, request, response)
    await listeners.get(path)?.(request, response)
  }
}
