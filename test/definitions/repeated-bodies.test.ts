import { createHmac } from 'node:crypto'
import { createReceiver, defineProvider, readHexDigest } from '@hookport/core'
import { feedReceiver, received } from '@hookport/testkit/receivers/feed-receiver'
import { expect, test } from 'vitest'

const secret = 'the secret of an app'

/** It says that something has changed, and not what: the same bytes each time. */
const body =
  '{"list_folder": {"accounts": ["dbid:AAH4f99T0taONIb-OurWxbNQ6ywGRopQngc"]}, "delta": {"users": [12345678]}}'

/** A sender as Dropbox, with a definition that gives its events this id. */
async function deliveredTwice(id: () => string | undefined) {
  const provider = defineProvider({
    name: 'dropbox',
    secret,
    retryHorizon: 3600_000,
    events: {},
    signatureHeaders: ['x-dropbox-signature'],
    readSignature(headers) {
      const header = headers.get('x-dropbox-signature')
      if (!header) return 'missing'
      const digest = readHexDigest(header)
      return digest ? { digests: [digest] } : 'malformed'
    },
    readEnvelope: () => ({ id: id(), type: 'changed', createdAt: undefined }),
  })
  const { deliver, handled } = feedReceiver(createReceiver({ provider, logger: false }))
  const signature = createHmac('sha256', secret).update(body).digest('hex')
  const delivery = {
    method: 'POST' as const,
    headers: { 'x-dropbox-signature': signature },
    body: Buffer.from(body),
  }
  for (let times = 0; times < 2; times++) expect(await deliver(delivery)).toEqual(received)
  return handled.length
}

test('of two bodies that are the same, the second is a duplicate', async () => {
  expect(await deliveredTwice(() => undefined)).toBe(1)
})

test('with an id of its own, as the guide says for bodies that repeat, each is handled', async () => {
  expect(await deliveredTwice(() => crypto.randomUUID())).toBe(2)
})
