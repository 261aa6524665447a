import { defineProvider, readHexDigest, requireText } from '@hookport/core'
import { expect, test } from 'vitest'
import { hmac, maxBodyBytes, secrets } from './support/forge.ts'
import { Seen, watchedReceiver } from './support/watched-receiver.ts'

/** Of the processor, as others may have it meanwhile. One by one, its items took minutes, and gigabytes. */
const mostCpuMs = 10_000

test('A654: an array of half a million items, signed by a tenant, is held as one, and stops nobody', async () => {
  const provider = defineProvider({
    name: 'acme',
    secret: secrets.sematryx,
    retryHorizon: 0,
    events: {},
    body: 'events',
    signatureHeaders: ['x-acme-signature'],
    readSignature: (headers) => {
      const digest = readHexDigest(headers.get('x-acme-signature') ?? '')
      return digest ? { digests: [digest] } : 'missing'
    },
    readEnvelope: (payload) => ({
      id: requireText(payload, 'id'),
      type: requireText(payload, 'type'),
      createdAt: undefined,
    }),
  })
  const seen = new Seen()
  const receiver = watchedReceiver(provider, seen, {})
  const rawBody = Buffer.from(
    `[${Array(maxBodyBytes / 2 - 1)
      .fill('0')
      .join()}]`,
  )
  const headers = new Headers({ 'x-acme-signature': hmac(rawBody) })
  const before = process.threadCpuUsage()
  const reply = await receiver.receive({ method: 'POST', url: '/', headers, readBody: () => rawBody })
  const { user, system } = process.threadCpuUsage(before)
  expect((user + system) / 1000).toBeLessThan(mostCpuMs)
  expect(reply.status).toBe(200)
  expect(seen.dead).toMatchObject([{ failures: [{ code: 'unreadable' }] }])
  expect(await receiver.inbox.counts()).toMatchObject({ dead: 1, pending: 0 })
  await receiver.stop()
}, 60_000)
