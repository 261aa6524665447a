import { ConfigurationError, createReceiver, type Provider, type SecretOption } from '@hookport/core'
import { github } from '@hookport/providers/github'
import { jaot } from '@hookport/providers/jaot'
import { sematryx } from '@hookport/providers/sematryx'
import { standardWebhooks } from '@hookport/providers/standard-webhooks'
import { stripe } from '@hookport/providers/stripe'
import { describe, expect, test } from 'vitest'
import { body, hmac } from './support/forge.ts'

type Make = (options: { secret: SecretOption }) => Provider

const providers: Record<string, Make> = { sematryx, jaot, github, stripe, standardWebhooks }
const genuine = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'

describe.each(Object.entries(providers))('%s', (_, make) => {
  test('A601: an empty secret is an error at construction', () => {
    expect(() => make({ secret: '' })).toThrow(ConfigurationError)
    expect(() => make({ secret: ['', genuine] })).toThrow(ConfigurationError)
  })

  test('A602: so is one of NULs, which HMAC takes for the empty one, and one that is padded', () => {
    for (const secret of ['\0', '\0\0', ' \0 ', `${genuine}\0`, `${genuine}\n`, ` ${genuine}`, '\t'])
      expect(() => make({ secret })).toThrow(ConfigurationError)
  })

  test('A603: so is what is no secret at all', () => {
    for (const secret of [undefined, null, 7, [], {}, [null], [genuine, undefined]])
      expect(() => make({ secret: secret as never })).toThrow(ConfigurationError)
  })

  test('a genuine one is none', () => {
    expect(() => make({ secret: genuine })).not.toThrow()
  })
})

test.each(['', '\0', ' ', '\n'])(
  'A601: %j picked by a function is no key: who signs with it is answered 503',
  async (secret) => {
    const receiver = createReceiver({ logger: false, provider: sematryx({ secret: () => secret }) })
    const content = body(Date.now())
    const headers = new Headers({ 'x-sematryx-signature': hmac(content, secret) })
    const reply = await receiver.receive({ method: 'POST', url: '/', headers, readBody: () => content })
    expect(reply).toMatchObject({ status: 503, body: '{"error":"unavailable"}' })
    expect(await receiver.inbox.counts()).toMatchObject({ pending: 0 })
  },
)

test('NULs at the end of a key change nothing of an HMAC: that is why they are refused', () => {
  expect(hmac(Buffer.from('text'), '\0')).toBe(hmac(Buffer.from('text'), ''))
})
