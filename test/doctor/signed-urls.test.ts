import { createHmac } from 'node:crypto'
import { atPublicUrl, defineProvider, readBase64Digest } from '@hookport/core'
import { diagnoseSignature } from '@hookport/core/doctor'
import { twilio } from '@hookport/providers/twilio'
import twilioLibrary from 'twilio'
import { describe, expect, test } from 'vitest'

const secret = 'your-webhook-secret'
const body = Buffer.from('{"id": "1", "type": "paid"}')
const configured = 'https://example.com/hooks/acme?tenant=1'

/** Of three senders, the text that is signed around the body. */
const senders = {
  Square: (url: string) => ({ signedPrefix: url }),
  HubSpot: (url: string) => ({ signedPrefix: `POST${url}`, signedSuffix: '1700000000000' }),
  Trello: (url: string) => ({ signedSuffix: url }),
}

async function diagnosed(
  sender: keyof typeof senders,
  signedUrl: string,
  requestUrl = '/hooks/acme?tenant=1',
) {
  const provider = defineProvider({
    name: 'acme',
    allowUnsigned: true,
    retryHorizon: 0,
    events: {},
    signatureHeaders: ['x-acme'],
    readSignature(headers, { url }) {
      const digest = readBase64Digest(headers.get('x-acme') ?? '')
      return digest ? { digests: [digest], ...senders[sender](atPublicUrl(configured, url)) } : 'missing'
    },
    readEnvelope: () => ({ id: undefined, type: 'paid', createdAt: undefined }),
  })
  const { signedPrefix = '', signedSuffix = '' } = senders[sender](signedUrl) as Record<string, string>
  const signature = createHmac('sha256', secret)
    .update(signedPrefix)
    .update(body)
    .update(signedSuffix)
    .digest('base64')
  return diagnoseSignature({
    provider,
    secrets: [secret],
    body,
    headers: new Headers({
      'x-acme': signature,
      host: 'internal:3000',
      'x-forwarded-host': 'hooks.example.org',
    }),
    request: { method: 'POST', url: requestUrl },
  })
}

describe.each(Object.keys(senders) as (keyof typeof senders)[])('%s signs the URL', (sender) => {
  test('as it is configured: it matches', async () => {
    expect(await diagnosed(sender, configured)).toMatchObject({ cause: 'matches' })
  })

  test.each<[string, string, string?]>([
    ['another scheme', 'http://example.com/hooks/acme?tenant=1'],
    ['a slash at the end of its path', 'https://example.com/hooks/acme/?tenant=1'],
    ['no query', 'https://example.com/hooks/acme'],
    ['the host that a proxy names', 'https://hooks.example.org/hooks/acme?tenant=1'],
    ['the host of the request', 'http://internal:3000/hooks/acme?tenant=1'],
    ['the path of the request', 'https://example.com/behind/acme?tenant=1', '/behind/acme?tenant=1'],
    ['www.', 'https://www.example.com/hooks/acme?tenant=1'],
  ])('with %s: the URL is named, and nothing of its query', async (_, signedUrl, requestUrl) => {
    const { cause, proven, explanation } = await diagnosed(sender, signedUrl, requestUrl)
    expect({ cause, proven }).toEqual({ cause: 'other_url', proven: true })
    expect(explanation).toContain(signedUrl.split('?')[0])
    expect(explanation).not.toContain('tenant')
  })

  test('of another site: nothing is said of it', async () => {
    expect(await diagnosed(sender, 'https://elsewhere.net/')).toMatchObject({
      cause: 'none of the known causes',
    })
  })
})

test('Twilio: the URL is configured without the slash that it calls', async () => {
  const fields = { MessageSid: 'SM1', Body: 'größer 🦖' }
  const signature = twilioLibrary.getExpectedTwilioSignature(secret, 'https://example.com/sms/', fields)
  const diagnosis = await diagnoseSignature({
    provider: twilio({ allowUnsigned: true, publicUrl: 'https://example.com/sms' }),
    secrets: [secret],
    body: Buffer.from(new URLSearchParams(fields).toString()),
    headers: new Headers({ 'x-twilio-signature': signature }),
    request: { method: 'POST', url: '/sms/' },
  })
  expect(diagnosis).toMatchObject({ cause: 'other_url', proven: true })
})
