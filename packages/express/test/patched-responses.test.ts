import { sematryxWebhooks } from '@hookport/express'
import { expressVersions } from '@hookport/testkit/http/express-versions'
import { sematryxSecret, signedSematryx, testTime } from '@hookport/testkit/receivers/signed-deliveries'
import type { RequestHandler, Response } from 'express'
import request from 'supertest'
import { describe, expect, test } from 'vitest'

/** As log4js's connectLogger does it: it puts back what it found, and returns nothing. */
function loggingStatus(seen: number[]): RequestHandler {
  return (_request, response, next) => {
    const { writeHead } = response
    response.writeHead = ((code: number, headers: Record<string, string>) => {
      response.writeHead = writeHead
      response.writeHead(code, headers)
      seen.push(code)
    }) as unknown as Response['writeHead']
    next()
  }
}

describe.each(expressVersions)('$version', ({ express }) => {
  test('behind a middleware whose writeHead returns nothing, refusals and acknowledgements are answered', async () => {
    const seen: number[] = []
    const app = express().use(
      loggingStatus(seen),
      express
        .Router()
        .use(
          '/hook',
          sematryxWebhooks({ logger: false, secret: sematryxSecret, clock: { now: () => +testTime } }),
        ),
    )
    await request(app).get('/hook').expect(405, { error: 'method_not_allowed' })
    await request(app).post('/hook').expect(401, { error: 'missing_signature' })
    const { headers, body } = signedSematryx()
    await request(app).post('/hook').set(headers).send(body.toString('utf8')).expect(200, { received: true })
    expect(seen).toEqual([405, 401, 200])
  })
})
