import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { sematryxWebhooks } from '@hookport/express'
import { sematryxOptions, signedSematryx } from '@hookport/testkit/receivers/signed-deliveries'
import request from 'supertest'
import { expect, test } from 'vitest'

type Handler = (
  request: IncomingMessage,
  response: ServerResponse,
  next: (error?: unknown) => void,
) => Promise<void> | void

/**
 * What `server.pre` of Restify 12 does with a handler: a fulfilled promise counts as a call of `next`, and `next(false)` ends
 * the request, with a 500 where no head was sent. `gzipResponse` answers a little later.
 */
function restifyWith(handler: Handler) {
  const calls: unknown[] = []
  const server = createServer((incoming, response) => {
    const next = (error?: unknown) => {
      calls.push(error)
      if (error === false && !response.headersSent) response.writeHead(500).end()
      if (error !== false) response.setHeader('x-route', 'none').writeHead(404).end()
    }
    const { end } = response
    response.end = ((...given: Parameters<typeof end>) =>
      setTimeout(() => end.apply(response, given))) as never
    const result = handler(Object.assign(incoming, { startHandlerTimer() {} }), response, next)
    if (result) result.then(() => next(), next)
  })
  return { calls, server }
}

test('above the routes of Restify a delivery is answered once, and Restify is told that all is done', async () => {
  const { server, calls } = restifyWith(sematryxWebhooks({ ...sematryxOptions, logger: false }))
  const { headers, body } = signedSematryx()
  for (const expected of [200, 401]) {
    const signature = expected === 200 ? {} : { 'x-sematryx-signature': '0'.repeat(64) }
    await request(server)
      .post('/webhooks/sematryx')
      .set({ ...headers, ...signature })
      .send(body.toString('utf8'))
      .expect(expected)
  }
  expect(calls).toEqual([false, false])
  await request(server).get('/orders').expect(404)
  expect(calls).toEqual([false, false, undefined])
})
