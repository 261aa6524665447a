import { createHmac } from 'node:crypto'
import { twilio } from '@hookport/providers/twilio'
import twilioLibrary from 'twilio'
import { describe, expect, test } from 'vitest'
import { signedUrls } from '../src/twilio/signed-urls.ts'
import { feed, ourVerdict, posted } from './support/compare.ts'

const json = JSON.stringify({ type: 'event', id: '1', text: 'größer 🦖' })

describe('Twilio', () => {
  const secret = '12345678901234567890123456789012'
  const signed = (url: string, fields: Record<string, string> = {}) => ({
    'x-twilio-signature': twilioLibrary.getExpectedTwilioSignature(secret, url, fields),
  })

  test('JSON is signed by its digest in the URL, and has to be that JSON', async () => {
    const digest = twilioLibrary.getExpectedBodyHash(json)
    const url = `https://example.com/hook?bodySHA256=${digest}`
    const headers = signed(url)
    const provider = twilio({ secret, publicUrl: 'https://example.com/hook' })
    const verdict = (body: string, path = `/hook?bodySHA256=${digest}`) =>
      ourVerdict(provider, { headers, body, url: path })
    expect(twilioLibrary.validateRequestWithBody(secret, headers['x-twilio-signature'], url, json)).toBe(true)
    expect(await verdict(json)).toBe('accepts')
    expect(await verdict(`${json} `)).toBe('invalid_signature')
    expect(await verdict(json, '/hook')).toBe('invalid_signature')
    expect(await verdict('{}', `/hook?bodySHA256=${twilioLibrary.getExpectedBodyHash('{}')}`)).toBe(
      'invalid_signature',
    )
    expect(await verdict(json, '/hook?bodySHA256=')).toBe('invalid_signature')
  })

  test('what was signed as a form vouches for no other body, whatever its text holds', async () => {
    const digest = twilioLibrary.getExpectedBodyHash(json)
    const fields = { Body: `&bodySHA256=${digest}&`, From: '+1', MessageSid: 'SM1' }
    const headers = signed('https://example.com/hook?x=1', fields)
    const provider = twilio({ secret, publicUrl: 'https://example.com/hook' })
    const url = `/hook?x=1Body&bodySHA256=${digest}&From+1MessageSidSM1`
    expect(await ourVerdict(provider, { headers, body: json, url })).toBe('invalid_signature')
  })

  test('the URL is signed: of another host, path or query, nothing is accepted', async () => {
    const headers = signed('https://example.com/hook?a=1', { MessageSid: 'SM1' })
    const verdict = (publicUrl: string, url: string) =>
      ourVerdict(twilio({ secret, publicUrl }), { headers, body: 'MessageSid=SM1', url })
    expect(await verdict('https://example.com/hook', '/x?a=1')).toBe('accepts')
    expect(await verdict('https://example.com/hook', '/hook?a=2')).toBe('invalid_signature')
    expect(await verdict('https://example.com/hook', '/hook')).toBe('invalid_signature')
    expect(await verdict('https://example.org/hook', '/hook?a=1')).toBe('invalid_signature')
    expect(await verdict('https://example.com/other', '/hook?a=1')).toBe('invalid_signature')
  })

  test('a fragment, by which Twilio is told how to connect, is for Twilio alone', async () => {
    const headers = signed('https://example.com/hook?a=1', { MessageSid: 'SM1' })
    const provider = twilio({ secret, publicUrl: 'https://example.com/hook#rc=2&rp=all' })
    expect(await ourVerdict(provider, { headers, body: 'MessageSid=SM1', url: '/hook?a=1' })).toBe('accepts')
    const bare = signed('https://example.com/hook', { MessageSid: 'SM1' })
    expect(await ourVerdict(provider, { headers: bare, body: 'MessageSid=SM1', url: '/hook' })).toBe(
      'accepts',
    )
  })

  test('with a shared key it signs with SHA-256, and so is read where that is said', async () => {
    const url = 'https://example.com/hook'
    const sign = (key: string, hash: string) => ({
      'x-twilio-signature': createHmac(hash, key).update(`${url}MessageSidSM1`).digest('base64'),
    })
    const verdict = (headers: Record<string, string>, algorithm?: 'hmac-sha1' | 'hmac-sha256') =>
      ourVerdict(twilio({ secret, publicUrl: url, algorithm }), { headers, body: 'MessageSid=SM1', url })
    expect(await verdict(sign(secret, 'sha256'), 'hmac-sha256')).toBe('accepts')
    expect(await verdict(sign(secret, 'sha1'), 'hmac-sha1')).toBe('accepts')
    expect(await verdict(sign('another key', 'sha256'), 'hmac-sha256')).toBe('invalid_signature')
    expect(await verdict(sign(secret, 'sha1'), 'hmac-sha256')).toBe('invalid_signature')
    expect(await verdict(sign(secret, 'sha256'))).toBe('invalid_signature')
    const wrong = { secret, publicUrl: url, algorithm: 'sha256' as 'hmac-sha256' }
    expect(() => twilio(wrong)).toThrow('algorithm is a string; it must be one of hmac-sha1, hmac-sha256')
  })

  test('without the URL that it calls, it is an error at construction', () => {
    expect(() => twilio({ secret, publicUrl: undefined })).toThrow(/publicUrl is missing/)
  })

  describe('the same event in another spelling is a duplicate:', () => {
    const publicUrl = 'https://example.com/hook'
    const fields = { MessageSid: 'SM1', MessageStatus: 'delivered', Body: 'größer +1', A: '' }
    const form = new URLSearchParams(fields).toString()
    const headers = signed(`${publicUrl}?a=1`, fields)

    const spellings: Record<string, [body: string, url?: string]> = {
      'in another order': [form.split('&').reverse().join('&')],
      'each field twice': [`${form}&${form}`],
      'with other escapes': [form.replace('SM1', '%53%4d1').replace('+', '%20')],
      'with an empty pair': [`&${form}&&`],
      'with a field cut in two': [form.replace('MessageSid=SM1', 'Messag=eSidSM1')],
      'with a byte order mark': [`\ufeff${form}`],
      'with its first fields in the URL': [
        'Body=gr%C3%B6%C3%9Fer+%2B1&MessageSid=SM1&MessageStatus=delivered',
        '/hook?a=1A',
      ],
      'all of it in the URL': ['', `/hook?a=1ABodygrößer +1MessageSidSM1MessageStatusdelivered`],
    }

    test.each(Object.entries(spellings))('%s', async (_, [body, url = '/hook?a=1']) => {
      const { deliver, handled, seen } = feed(twilio({ secret, publicUrl }))
      expect(await deliver({ ...posted(form, headers), url: '/hook?a=1' })).toMatchObject({ status: 200 })
      expect(await deliver({ ...posted(body, headers), url })).toMatchObject({ status: 200 })
      expect(handled.map(({ type }) => type)).toEqual(['message.delivered'])
      expect(seen.map(({ outcome }) => outcome)).toEqual(['accepted', 'duplicate'])
      expect(seen[1]?.key).toBe(seen[0]?.key)
    })

    test('and other fields are another event', async () => {
      const { deliver, handled } = feed(twilio({ secret, publicUrl }))
      for (const MessageStatus of ['sent', 'delivered']) {
        const other = { ...fields, MessageStatus }
        const body = new URLSearchParams(other).toString()
        await deliver({ ...posted(body, signed(publicUrl, other)), url: '/hook' })
      }
      expect(handled.map(({ type }) => type)).toEqual(['message.sent', 'message.delivered'])
    })
  })

  test('what was signed as JSON is the same event where it comes again as a form', async () => {
    const publicUrl = 'https://example.com/hook'
    const query = `?bodySHA256=${twilioLibrary.getExpectedBodyHash(json)}`
    const headers = signed(publicUrl + query)
    const { deliver, handled, seen } = feed(twilio({ secret, publicUrl }))
    const field = `${encodeURIComponent(query)}=`
    expect(await deliver({ ...posted(json, headers), url: `/hook${query}` })).toMatchObject({ status: 200 })
    expect(await deliver({ ...posted(field, headers), url: '/hook' })).toMatchObject({ status: 200 })
    expect(handled.map(({ data }) => data)).toEqual([JSON.parse(json)])
    expect(seen.map(({ outcome }) => outcome)).toEqual(['accepted', 'duplicate'])
  })

  // The last field that is sorted may be what a stranger has sent to you, and a form may be cut anywhere.
  test('what was signed as a form is never read as JSON', async () => {
    const publicUrl = 'https://example.com/hook'
    const forged = '{"MessageStatus":"delivered","MessageSid":"SM9"}'
    const headers = signed(`${publicUrl}?x=1`, { A: forged })
    for (const body of [forged, ` ${forged}`, `\ufeff${forged}`])
      expect(await ourVerdict(twilio({ secret, publicUrl }), { headers, body, url: '/hook?x=1A' })).toBe(
        'invalid_signature',
      )
    const { deliver, handled } = feed(twilio({ secret, publicUrl }))
    const payload = new URLSearchParams({ payload: forged }).toString()
    await deliver({ ...posted(payload, signed(publicUrl, { payload: forged })), url: '/hook' })
    expect(handled.map(({ type, data }) => [type, data])).toEqual([['request', { payload: forged }]])
  })

  test('a field may have brackets in its name', async () => {
    const fields = { 'Media[0]': 'a', 'a{b}': 'c', 'x [y]': 'z' }
    for (const field of Object.entries(fields)) {
      const one = Object.fromEntries([field])
      const headers = signed('https://example.com/hook', one)
      const provider = twilio({ secret, publicUrl: 'https://example.com/hook' })
      const body = new URLSearchParams(one).toString()
      expect(await ourVerdict(provider, { headers, body, url: '/hook' })).toBe('accepts')
    }
  })

  test('fields of the same name are sorted by what they hold, in whichever order they come', async () => {
    const values = ['b', 'd', 'a', 'c', 'e']
    const headers = signed('https://example.com/hook', { Tag: [...values] as never })
    const provider = twilio({ secret, publicUrl: 'https://example.com/hook' })
    for (const order of [values, [...values].sort(), [...values].sort().reverse()]) {
      const body = order.map((value) => `Tag=${value}`).join('&')
      expect(await ourVerdict(provider, { headers, body, url: '/hook' })).toBe('accepts')
    }
  })

  test('only what its own library tries is tried for a URL', () => {
    const headers = new Headers(signed('https://example.com/hook'))
    const tried = (url: string) => {
      const provider = twilio({ allowUnsigned: true, publicUrl: undefined })
      const reading = provider.readSignature(headers, { method: 'POST', url })
      if (typeof reading === 'string') return reading
      return [reading.signedPrefix, ...(reading.otherSignedPrefixes ?? [])]
    }
    const [bare, ported] = ['https://example.com/hook', 'https://example.com:443/hook']
    expect(tried(bare)).toEqual([bare, ported])
    expect(tried(`${bare}?`)).toEqual([`${bare}?`, `${ported}?`])
    expect(tried(`${bare}?a=1&&b=%zz`)).toEqual([
      ...[`${bare}?a=1&&b=%zz`, `${ported}?a=1&&b=%zz`],
      ...[`${bare}?a=1&b=%25zz`, `${ported}?a=1&b=%25zz`],
    ])
    expect(tried('/hook')).toEqual(['/hook'])
  })

  describe('a URL is signed as its own library takes it:', () => {
    const fields = { MessageSid: 'SM1' }
    const urls = [
      'https://example.com/hook',
      'https://example.com:443/hook',
      'https://example.com:8443/hook',
      'http://example.com/hook',
      'http://example.com:80/hook',
      'https://user:pass@example.com/hook',
      'https://user:pass@example.com:8443/hook?a=1',
      'https://[2001:db8::1]/hook',
      'https://[2001:db8::1]:8443/hook',
      "https://example.com/hook?name=o'hara&b=%27&b=x+y",
      'https://example.com/hook?b=2&a=1&b=3',
      'https://example.com/hook?first+name=x&a%2Fb=c%2Fd',
      'https://example.com/hook?a=%zz',
      'https://example.com/hook?a=1&&b=2&',
      'https://example.com/hook?',
      'https://EXAMPLE.com/a(b)',
      'https://example.com',
    ]
    const portOf = (url: string) => (url.startsWith('https') ? 443 : 80)
    /** What a back end may have signed for a URL: as it is, without a port, with one, normalised, escaped. */
    const written = (url: string) => [
      url,
      url.replace(/^(https?:\/\/(?:[^@/]*@)?(?:\[.*?\]|[^:/?]*))(?::\d+)?/, '$1'),
      url.replace(/^(https?:\/\/(?:[^@/]*@)?(?:\[.*?\]|[^:/?]*))(?::\d+)?/, `$1:${portOf(url)}`),
      new URL(url).toString(),
      new URL(url).toString().replaceAll("'", '%27'),
      url.replaceAll('+', '%20').replaceAll('%27', "'"),
      url.replaceAll('%zz', '%25zz'),
      url.replace('?a=1&&b=2&', '?a=1&b=2'),
      `${url}#fragment`,
      `${url}/`,
      url.toUpperCase(),
    ]

    test.each(urls.flatMap((url) => written(url).map((as) => ({ url, as }))))(
      '$url as $as',
      async ({ url, as }) => {
        const [publicUrl = '', query] = url.split('?')
        const headers = signed(as, fields)
        const theirs = twilioLibrary.validateRequest(secret, headers['x-twilio-signature'], url, fields)
        const ours = await ourVerdict(twilio({ secret, publicUrl }), {
          headers,
          body: 'MessageSid=SM1',
          url: `/behind/a/proxy${query === undefined ? '' : `?${query}`}`,
        })
        expect(ours).toBe(theirs ? 'accepts' : 'invalid_signature')
      },
    )
  })

  test('a query is written anew for the comparison only up to a hundred fields, as each more costs more before anything is verified', () => {
    const withFields = (count: number) => `https://example.com/hook?${Array(count).fill('a=b+c').join('&')}`
    const isRewritten = (count: number) => signedUrls(withFields(count)).some((url) => url.includes('b%20c'))
    expect([1, 100, 101].map(isRewritten)).toEqual([true, true, false])
  })

  test.each([
    ['HTTPS://example.com/hook', 443],
    ['HTTP://example.com/hook', 80],
  ])('the default port of %s is that of its scheme, in whichever letters', (url, port) => {
    expect(signedUrls(url)).toContain(url.replace('.com', `.com:${port}`))
    expect(signedUrls(url).join()).not.toContain(port === 443 ? ':80/' : ':443/')
  })
})
