import { createRequire } from 'node:module'
import { setImmediate } from 'node:timers/promises'
import { holdBody, localProbe, patchResponse, peekBody } from '@hookport/conformance'
import { koaWebhooks } from '@hookport/koa'
import { auditedReceivers, targetAt } from '@hookport/testkit/audits/audited-receivers'
import { describeAudits } from '@hookport/testkit/audits/describe-audits'
import { listen, type Running, serving } from '@hookport/testkit/http/serving'
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
  '/held': async ({ req }, next) => {
    holdBody(req)
    await next()
  },
  '/peeked': async ({ req }, next) => {
    await peekBody(req)
    await next()
  },
  '/written': async ({ res }, next) => {
    res.writeHead(202)
    await next()
  },
  '/text': bodyParser(),
  '/patched': async ({ res }, next) => {
    patchResponse(res)
    await next()
  },
}

const require = createRequire(import.meta.url)

/** The package alias has no types of its own; what is used of Koa 2 here is as in 3. */
const Koa2: typeof Koa = require('koa2')
const versions = { 'Koa 3': Koa, 'Koa 2': Koa2 }

for (const [name, Framework] of Object.entries(versions)) {
  const running = serving(() => start(new Framework()))
  describeAudits(name, () => targetAt(running.origin, localProbe))
  describeSamples(
    name,
    () => running.origin,
    () => localProbe,
  )
}

function start(app: Koa): Promise<Running> {
  const receivers = auditedReceivers()
  app.silent = true
  app.use((context, next) => inFront[context.path]?.(context, next) ?? next())
  for (const [path, receiver] of Object.entries(receivers)) app.use(koaWebhooks(receiver, { path }))
  app.use(bodyParser())
  app.use((context) => {
    if (context.path === '/json') context.body = { parsed: context.request.body }
  })
  return listen(app.callback(), receivers)
}
