import { text } from 'node:stream/consumers'
import { finished } from 'node:stream/promises'
import { setImmediate } from 'node:timers/promises'
import { holdBody, localProbe, patchResponse, peekBody } from '@hookport/conformance'
import { fastifyWebhooks } from '@hookport/fastify'
import { auditedReceivers, targetAt } from '@hookport/testkit/audits/audited-receivers'
import { describeAudits } from '@hookport/testkit/audits/describe-audits'
import { type Running, serving } from '@hookport/testkit/http/serving'
import { fastify } from 'fastify'
import { fastify as fastify4 } from 'fastify4'
import { describeSamples } from './support/describe-samples.ts'

const versions = { 'Fastify 5': fastify, 'Fastify 4': fastify4 as unknown as typeof fastify }

for (const [name, framework] of Object.entries(versions)) {
  const running = serving(() => start(framework))
  describeAudits(name, () => targetAt(running.origin, localProbe))
  describeSamples(
    name,
    () => running.origin,
    () => localProbe,
  )
}

async function start(framework: typeof fastify): Promise<Running> {
  const app = framework()
  const {
    '/consumed': consumed,
    '/paused': paused,
    '/text': left,
    '/patched': patched,
    '/held': held,
    '/peeked': peeked,
    '/written': written,
    ...receivers
  } = auditedReceivers()
  for (const [path, receiver] of Object.entries(receivers))
    await app.register(fastifyWebhooks(receiver), { path })
  await app.register(async (scope) => {
    scope.addHook('preParsing', async (_request, _reply, body) => {
      body.resume()
      await finished(body)
    })
    if (consumed) await scope.register(fastifyWebhooks(consumed), { path: '/consumed' })
  })
  await app.register(async (scope) => {
    scope.addHook('onRequest', async (_request, reply) => patchResponse(reply.raw))
    if (patched) await scope.register(fastifyWebhooks(patched), { path: '/patched' })
  })
  await app.register(async (scope) => {
    scope.addHook('onRequest', async ({ raw }) => {
      raw.pause()
      await setImmediate()
    })
    if (paused) await scope.register(fastifyWebhooks(paused), { path: '/paused' })
  })
  await app.register(async (scope) => {
    scope.addHook('onRequest', async ({ raw }) => holdBody(raw))
    if (held) await scope.register(fastifyWebhooks(held), { path: '/held' })
  })
  await app.register(async (scope) => {
    scope.addHook('onRequest', ({ raw }) => peekBody(raw))
    if (peeked) await scope.register(fastifyWebhooks(peeked), { path: '/peeked' })
  })
  await app.register(async (scope) => {
    scope.addHook('onRequest', async (_request, reply) => void reply.raw.writeHead(202))
    if (written) await scope.register(fastifyWebhooks(written), { path: '/written' })
  })
  await app.register(async (scope) => {
    scope.addHook('preParsing', async (request, _reply, body) => {
      Object.assign(request, { rawBody: await text(body) })
    })
    if (left) await scope.register(fastifyWebhooks(left), { path: '/text' })
  })
  app.post('/json', (request) => ({ parsed: request.body }))
  return { origin: await app.listen({ port: 0, host: '127.0.0.1' }), stop: () => app.close() }
}
