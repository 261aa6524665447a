import { holdBody, localProbe, patchResponse, peekBody } from '@hookport/conformance'
import { expressWebhooks } from '@hookport/express'
import { auditedReceivers, targetAt } from '@hookport/testkit/audits/audited-receivers'
import { describeAudits } from '@hookport/testkit/audits/describe-audits'
import { expressVersions } from '@hookport/testkit/http/express-versions'
import { listen, serving } from '@hookport/testkit/http/serving'
import express from 'express'
import { describeSamples } from './support/describe-samples.ts'

/** What many applications have, to verify signatures by hand. */
const keepText = express.json({
  verify: (request, _response, bytes) => Object.assign(request, { rawBody: bytes.toString() }),
})

for (const { version: name, express: framework } of expressVersions) {
  const running = serving(() => {
    const receivers = auditedReceivers()
    const app = framework()
    app.use('/consumed', express.json())
    app.use('/paused', (request, _response, next) => {
      request.pause()
      setImmediate(next)
    })
    app.use('/held', (request, _response, next) => {
      holdBody(request)
      next()
    })
    app.use('/peeked', (request, _response, next) => void peekBody(request).then(next))
    app.use('/written', (_request, response, next) => {
      response.writeHead(202)
      next()
    })
    app.use('/text', keepText)
    app.use('/patched', (_request, response, next) => {
      patchResponse(response)
      next()
    })
    for (const [path, receiver] of Object.entries(receivers)) app.use(path, expressWebhooks(receiver))
    app.post('/json', express.json(), (request, response) => void response.json({ parsed: request.body }))
    return listen(app, receivers)
  })
  describeAudits(name, () => targetAt(running.origin, localProbe))
  describeSamples(
    name,
    () => running.origin,
    () => localProbe,
  )
}
