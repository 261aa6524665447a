import { createHmac } from 'node:crypto'
import { createReceiver, defineProvider, joinIds, readBase64Digest, requireId } from '@hookport/core'
import { expect, onTestFinished, test } from 'vitest'

const secret = 'the signing key of a Xero app'

/** Xero disables a webhook whose replies have a body: https://developer.xero.com/documentation/webhooks/configuring-your-server */
const xero = defineProvider({
  name: 'xero',
  secret,
  retryHorizon: 24 * 3600_000,
  events: {},
  emptyReply: true,
  signatureHeaders: ['x-xero-signature'],
  handshake: {
    post: ({ events }) => (Array.isArray(events) && events.length === 0 ? {} : undefined),
  },
  readSignature(headers) {
    const header = headers.get('x-xero-signature')
    if (!header) return 'missing'
    const digest = readBase64Digest(header)
    return digest ? { digests: [digest] } : 'malformed'
  },
  readEnvelope: (payload) => ({
    id: joinIds(requireId(payload, 'firstEventSequence'), requireId(payload, 'lastEventSequence')),
    type: 'events',
    createdAt: undefined,
  }),
  readData: ({ events }) => events,
})

const event =
  '{"events":[{"resourceId":"717f2bfc"}],"firstEventSequence":7,"lastEventSequence":7,"entropy":"S0m3r4Nd0m"}'
const question = '{"events":[],"lastEventSequence":0,"firstEventSequence":0,"entropy":"S0m3r4Nd0mt3xt"}'

async function replyTo(body: string, key = secret, method = 'POST') {
  const receiver = createReceiver({ provider: xero, logger: false })
  onTestFinished(() => receiver.stop())
  const signature = createHmac('sha256', key).update(body).digest('base64')
  return receiver.receive({
    method,
    url: '/',
    headers: new Headers({ 'x-xero-signature': signature }),
    readBody: () => Buffer.from(body),
  })
}

test('an event that is taken on is acknowledged without a body', async () => {
  expect(await replyTo(event)).toEqual({ status: 200, headers: { 'content-length': '0' }, body: '' })
})

test('a delivery that is refused is answered without a body', async () => {
  expect(await replyTo(event, 'another')).toEqual({
    status: 401,
    headers: { 'content-length': '0' },
    body: '',
  })
  expect(await replyTo(event, secret, 'PUT')).toEqual({
    status: 405,
    headers: { allow: 'POST', 'content-length': '0' },
    body: '',
  })
})

test('what a handshake answers is left as it is', async () => {
  expect(await replyTo(question)).toEqual({ status: 200, headers: {}, body: '' })
})

test('a value that is neither true nor false is an error that names the field', () => {
  const definition = {
    ...{ name: 'acme', allowUnsigned: true, retryHorizon: 0, events: {}, signatureHeaders: [] },
  }
  const functions = {
    readSignature: () => 'missing' as const,
    readEnvelope: () => ({ id: undefined, type: 'a', createdAt: undefined }),
  }
  expect(() => defineProvider({ ...definition, ...functions, emptyReply: 'yes' as never })).toThrow(
    'acme: emptyReply is "yes"; it must be true or false',
  )
})
