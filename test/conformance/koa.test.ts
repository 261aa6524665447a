import { setImmediate } from 'node:timers/promises'
import { localProbe, patchResponse } from '@hookport/conformance'
import { koaWebhooks } from '@hookport/koa'
import { auditedReceivers, targetAt } from '@hookport/testkit/audited-receivers'
import { describeAudits } from '@hookport/testkit/describe-audits'
import { listen, serving } from '@hookport/testkit/serving'
import Koa, { type Middleware } from 'koa'
import bodyParser from 'koa-bodyparser'
import { describeSamples } from './support/describe-samples.ts'

/** What stands in front of the receiver at a path. */
const inFront: Record<string, Middleware> = {
  '/consumed': async ({ req }, next) => {
    for await (const _ of req);
    await next()
  },
  '/paused': async ({ req }, next) => {
    req.pause()
    await setImmediate()
    await next()
  },
  '/text': bodyParser(),
  '/patched': async ({ res }, next) => {
    patchResponse(res)
    await next()
  },
}

const running = serving(() => {
  const receivers = auditedReceivers()
  const app = new Koa()
  app.silent = true
  app.use((context, next) => inFront[context.path]?.(context, next) ?? next())
  for (const [path, receiver] of Object.entries(receivers)) app.use(koaWebhooks(receiver, { path }))
  app.use(bodyParser())
  app.use((context) => {
    if (context.path === '/json') context.body = { parsed: context.request.body }
  })
  return listen(app.callback(), receivers)
})
describeAudits('Koa', () => targetAt(running.origin, localProbe))
describeSamples(
  'Koa',
  () => running.origin,
  () => localProbe,
)
