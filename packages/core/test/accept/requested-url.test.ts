import { createReceiver } from '@hookport/core'
import { nodeWebhooks } from '@hookport/core/node'
import { webWebhooks } from '@hookport/core/web'
import { RawConnection } from '@hookport/testkit/http/raw-connection'
import { serveApp } from '@hookport/testkit/http/serve-and-post'
import { expect, test } from 'vitest'
import { requestedUrl } from '../../src/accept/request/requested-url.ts'
import { acme, acmeSecret, signedPost } from '../support/acme.ts'

const body = '{}'

/** A receiver that writes down what its function of secrets is told. */
function asked() {
  const urls: string[] = []
  const provider = acme({
    secret: ({ url }) => {
      urls.push(url)
      return acmeSecret
    },
  })
  return { urls, receiver: createReceiver({ provider }) }
}

const signature = signedPost(body).headers.get('x-acme-signature') ?? ''

/** What comes with a request, and what it reads as. */
const targets: [sent: string, read: string][] = [
  ['/hooks/acme?tenant=1&x=%2F', '/hooks/acme?tenant=1&x=%2F'],
  ['/', '/'],
  ['//hooks//acme', '//hooks//acme'],
  ['/hooks?at=http://acme.example/other', '/hooks?at=http://acme.example/other'],
  ['http://acme.example/hooks?tenant=1', '/hooks?tenant=1'],
  ['http://acme.example:8080', '/'],
  ['http://acme.example?tenant=1', '/?tenant=1'],
]

test.each(targets)('over Node, a function of secrets reads %j as %j', async (sent, read) => {
  const { urls, receiver } = asked()
  const connection = await RawConnection.open(await serveApp(nodeWebhooks(receiver)))
  await connection.write(
    `POST ${sent} HTTP/1.1\r\nHost: localhost\r\nX-Acme-Signature: ${signature}\r\nContent-Length: 2\r\n\r\n{}`,
  )
  await connection.reply()
  expect(urls).toEqual([read])
})

test('where a framework has changed the URL, it is the one that the client sent', async () => {
  const { urls, receiver } = asked()
  const webhooks = nodeWebhooks(receiver)
  const origin = await serveApp((request, response) => {
    void webhooks(Object.assign(request, { originalUrl: request.url, url: '/' }), response)
  })
  await fetch(`${origin}/hooks/7?a=1`, {
    method: 'POST',
    body,
    headers: { 'x-acme-signature': signature },
  })
  expect(urls).toEqual(['/hooks/7?a=1'])
})

test.each([
  ['https://acme.example/hooks/7?a=1', '/hooks/7?a=1'],
  ['https://acme.example', '/'],
  ['https://user:word@acme.example:8443/hooks#part', '/hooks'],
])('over the Web, %j is read as %j', async (sent, read) => {
  const { urls, receiver } = asked()
  await webWebhooks(receiver)(
    new Request(sent.replace('user:word@', ''), {
      method: 'POST',
      body,
      headers: { 'x-acme-signature': signature },
    }),
  )
  expect(urls).toEqual([read])
})

test.each([
  ['hooks?at=http://acme.example/other', '/hooks?at=http://acme.example/other'],
  ['1+http://acme.example/other', '/1+http://acme.example/other'],
  ['coap2+tcp://acme.example/hooks', '/hooks'],
  ['', '/'],
])('only what begins as an address does is one: %j is read as %j', (sent, read) => {
  expect(requestedUrl(sent)).toBe(read)
})
