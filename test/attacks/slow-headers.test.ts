import { createServer } from 'node:http'
import { nodeWebhooks } from '@hookport/core/node'
import { sematryx } from '@hookport/providers/sematryx'
import { RawConnection } from '@hookport/testkit/http/raw-connection'
import { serveApp } from '@hookport/testkit/http/serve-and-post'
import { expect, test } from 'vitest'
import { body, secrets, signed } from './support/forge.ts'
import { Seen, watchedReceiver } from './support/watched-receiver.ts'

/** Node looks every `connectionsCheckingInterval` for requests whose headers took longer than `headersTimeout`. */
const limits = { headersTimeout: 60, requestTimeout: 300_000, connectionsCheckingInterval: 20 }

test('A610: headers that never end are ended by Node, with 408, and are nothing to the receiver', async () => {
  const seen = new Seen()
  const receiver = watchedReceiver(sematryx({ secret: secrets.sematryx }), seen, {})
  const origin = await serveApp(nodeWebhooks(receiver), limits)

  const slow = await RawConnection.open(origin)
  await slow.write(Buffer.from('POST /sematryx HTTP/1.1\r\nHost: localhost\r\nX-Slow: '))
  const quick = await RawConnection.open(origin)
  await quick.write(signed(body(Date.now())))
  expect(await quick.replies(1)).toMatchObject([{ status: 200 }])
  expect(await slow.replies(1)).toMatchObject([{ status: 408 }])
  await slow.closed()
  quick.hangUp()
  expect(seen.rejected).toEqual([])
})

test('A610: without any of it being set, Node allows a minute for headers and five for a request', () => {
  const server = createServer()
  expect(server.headersTimeout).toBe(60_000)
  expect(server.requestTimeout).toBe(300_000)
})
