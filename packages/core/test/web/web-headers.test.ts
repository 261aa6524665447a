import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { nodeWebhooks } from '@hookport/core/node'
import { webDelivery, webWebhooks } from '@hookport/core/web'
import { expect, onTestFinished, test } from 'vitest'
import { acme, acmeSecret, sign } from '../support/acme.ts'
import { acmeReceiver, paidOrder, start } from '../support/acme-receiver.ts'

const request = (url: string) => {
  const body = JSON.stringify(paidOrder(start))
  return new Request(url, { method: 'POST', headers: { 'x-acme-signature': sign(body) }, body })
}

test('a header that is asked for by a name that none can have is missing, as on Node', async () => {
  const asked: unknown[] = []
  const receiverOf = () => {
    const { receiver } = acmeReceiver({
      consume: false,
      provider: acme({
        secret({ headers }) {
          asked.push(headers.get('x tenant') ?? 'missing')
          return acmeSecret
        },
      }),
    })
    return receiver
  }
  const server = createServer(nodeWebhooks(receiverOf())).listen(0)
  onTestFinished(() => void server.close())
  const { port } = server.address() as AddressInfo
  const onNode = await fetch(request(`http://127.0.0.1:${port}/`))
  const onWeb = await webWebhooks(receiverOf())(request('http://localhost/'))
  expect([onNode.status, onWeb.status]).toEqual([200, 200])
  expect(asked).toEqual(['missing', 'missing'])
})

test('the doctor can search all headers of a delivery', () => {
  const { headers } = webDelivery(request('http://localhost/'), { fixWhenConsumed: '' })
  expect([...(headers as Headers).keys()]).toContain('x-acme-signature')
})
