import { type Delivery, memoryInbox, type SecretOption } from '@hookport/core'
import { deferred } from '@hookport/testkit/deferred'
import { describe, expect, test, vi } from 'vitest'
import { acme, acmeSecret, post, readAcmeEnvelope, sign, signedPost } from '../support/acme.ts'
import { acmeReceiver, paidOrder, start } from '../support/acme-receiver.ts'

const body = JSON.stringify(paidOrder(start))
const missing = { status: 401, body: '{"error":"missing_signature"}' }
const invalid = { status: 401, body: '{"error":"invalid_signature"}' }
const accepted = { status: 200, body: '{"received":true}' }

/** A receiver whose provider, inbox and handler write down that they saw something of a delivery. */
function watchedReceiver(secret: SecretOption = acmeSecret) {
  const inbox = memoryInbox()
  const put = vi.spyOn(inbox, 'put')
  const readEnvelope = vi.fn(readAcmeEnvelope)
  const handler = vi.fn()
  const { receiver, observed } = acmeReceiver({ provider: acme({ secret, readEnvelope }), inbox })
  receiver.onAnyEvent(handler)
  return { receiver, observed, put, readEnvelope, handler }
}

test('a body that its signature matches is taken on and reaches the handler', async () => {
  const { receiver, put, readEnvelope, handler } = watchedReceiver()
  expect(await receiver.receive(signedPost(body))).toMatchObject(accepted)
  await receiver.idle()
  expect(readEnvelope).toHaveBeenCalledOnce()
  expect(put).toHaveBeenCalledOnce()
  expect(handler).toHaveBeenCalledOnce()
})

describe('no parser, store or handler sees', () => {
  const signature = sign(body)
  const flipped = signature.replace(/^./, (digit) => (digit === '0' ? '1' : '0'))
  test.each<[string, Delivery, object]>([
    ['a body without a signature', post(body), missing],
    ['a body with an empty signature', post(body, { 'x-acme-signature': '' }), missing],
    ['a body signed with another secret', signedPost(body, 'another secret'), invalid],
    ['a body of which one byte was changed', post(`${body} `, { 'x-acme-signature': signature }), invalid],
    ['a body whose signature differs in one digit', post(body, { 'x-acme-signature': flipped }), invalid],
    ['a body with half a signature', post(body, { 'x-acme-signature': signature.slice(0, 32) }), invalid],
    ['a body with a signature and more', post(body, { 'x-acme-signature': `${signature}00` }), invalid],
    ['a body whose signature is sent twice', repeatedSignature(signature), invalid],
    ['an empty body signed for another', post('', { 'x-acme-signature': signature }), invalid],
  ])('%s', async (_, delivery, refusal) => {
    const { receiver, put, readEnvelope, handler } = watchedReceiver()
    expect(await receiver.receive(delivery)).toMatchObject(refusal)
    await receiver.idle()
    expect(readEnvelope).not.toHaveBeenCalled()
    expect(put).not.toHaveBeenCalled()
    expect(handler).not.toHaveBeenCalled()
  })
})

function repeatedSignature(signature: string): Delivery {
  const delivery = post(body)
  const headers = new Headers()
  headers.append('x-acme-signature', signature)
  headers.append('x-acme-signature', signature)
  return { ...delivery, headers }
}

describe('before the body is read', () => {
  test.each<[string, Record<string, string>]>([
    ['missing', {}],
    ['malformed', { 'x-acme-signature': 'not hex' }],
  ])('a delivery whose signature is %s is refused', async (_, headers) => {
    const { receiver } = watchedReceiver()
    const readBody = vi.fn(() => Buffer.from(body))
    expect(await receiver.receive({ ...post(body, headers), readBody })).toMatchObject({ status: 401 })
    expect(readBody).not.toHaveBeenCalled()
  })
})

test('the bytes are verified as they came, whatever they say in UTF-8', async () => {
  const { receiver, readEnvelope } = watchedReceiver()
  const spaced = Buffer.from(`\r\n ${body}\n`)
  expect(await receiver.receive(signedPost(spaced))).toMatchObject(accepted)
  const notUtf8 = Buffer.from([0xff, 0xfe])
  const replaced = { ...signedPost('\ufffd\ufffd'), readBody: () => notUtf8 }
  expect(await receiver.receive(replaced)).toMatchObject(invalid)
  expect(readEnvelope).toHaveBeenCalledOnce()
})

describe('several secrets', () => {
  test('any of them may match, and the observer is told which', async () => {
    const { receiver, observed } = watchedReceiver(['new secret', 'old secret'])
    const other = JSON.stringify(paidOrder(start, { id: 'evt_2' }))
    expect(await receiver.receive(signedPost(body, 'old secret'))).toMatchObject(accepted)
    expect(await receiver.receive(signedPost(other, 'new secret'))).toMatchObject(accepted)
    expect(observed.accepted.map(({ secretIndex }) => secretIndex)).toEqual([1, 0])
    await receiver.receive(signedPost(body, 'new secret'))
    expect(observed.duplicate.map(({ secretIndex }) => secretIndex)).toEqual([0])
  })

  test('where none matches the delivery is refused', async () => {
    const { receiver } = watchedReceiver(['new secret', 'old secret'])
    expect(await receiver.receive(signedPost(body, 'oldest secret'))).toMatchObject(invalid)
  })

  test('a provider may offer several digests, of which one has to match', async () => {
    const readSignature = () => ({
      digests: ['another secret', acmeSecret].map((secret) => Buffer.from(sign(body, secret), 'hex')),
    })
    const { receiver } = acmeReceiver({ provider: acme({ secret: acmeSecret, readSignature }) })
    expect(await receiver.receive(post(body))).toMatchObject(accepted)
  })

  test('a provider that offers no digest, or one of another length, is not believed', async () => {
    const offered: Uint8Array[][] = [
      [],
      [new Uint8Array(0)],
      [Buffer.from(sign(body), 'hex').subarray(0, 31)],
    ]
    for (const digests of offered) {
      const provider = acme({ secret: acmeSecret, readSignature: () => ({ digests }) })
      expect(await acmeReceiver({ provider }).receiver.receive(post(body))).toMatchObject(invalid)
    }
  })
})

describe('a signed prefix', () => {
  const readSignature = (headers: Delivery['headers']) => ({
    digests: [Buffer.from(headers.get('x-acme-signature') ?? '', 'hex')],
    signedPrefix: `${headers.get('x-acme-id')}.`,
  })

  test('it is part of what is signed', async () => {
    const { receiver } = acmeReceiver({ provider: acme({ secret: acmeSecret, readSignature }) })
    const signature = sign(`msg_1.${body}`)
    const genuine = post(body, { 'x-acme-signature': signature, 'x-acme-id': 'msg_1' })
    const changed = post(body, { 'x-acme-signature': signature, 'x-acme-id': 'msg_2' })
    expect(await receiver.receive(changed)).toMatchObject(invalid)
    expect(await receiver.receive(genuine)).toMatchObject(accepted)
  })
})

describe('a secret that a function picks', () => {
  const bySecret: [string, SecretOption][] = [
    ['at once', ({ url }) => (url === '/hooks/acme' ? acmeSecret : 'another secret')],
    ['after a while', async ({ headers }) => (headers.get('x-tenant') === null ? acmeSecret : undefined)],
    ['out of several', () => ['another secret', acmeSecret]],
  ]
  test.each(bySecret)('it may be found %s', async (_, secret) => {
    const { receiver } = watchedReceiver(secret)
    expect(await receiver.receive(signedPost(body))).toMatchObject(accepted)
    expect(await receiver.receive(signedPost(body, 'a third secret'))).toMatchObject(invalid)
  })

  test('a tenant that it does not know is refused as unsigned by anyone', async () => {
    for (const secret of [() => undefined, async () => undefined, () => []]) {
      const { receiver, readEnvelope } = watchedReceiver(secret)
      expect(await receiver.receive(signedPost(body))).toMatchObject(invalid)
      expect(readEnvelope).not.toHaveBeenCalled()
    }
  })

  test('an empty secret is never a key', async () => {
    for (const empty of ['', ' ', [''], ['', acmeSecret]]) {
      const { receiver, readEnvelope } = watchedReceiver(() => empty)
      expect(await receiver.receive(signedPost(body, ''))).toMatchObject({ status: 503 })
      expect(readEnvelope).not.toHaveBeenCalled()
    }
  })

  test('a store of secrets that fails is 503, so that the sender tries again', async () => {
    const failing: SecretOption[] = [
      () => {
        throw new Error('vault is down')
      },
      async () => {
        throw new Error('vault is down')
      },
    ]
    for (const secret of failing) {
      const { receiver, readEnvelope } = watchedReceiver(secret)
      expect(await receiver.receive(signedPost(body))).toMatchObject({
        status: 503,
        body: '{"error":"unavailable"}',
        headers: { 'retry-after': '5' },
      })
      expect(readEnvelope).not.toHaveBeenCalled()
    }
  })

  test('each delivery is verified with the secret that was picked for it, in whichever order they arrive', async () => {
    const slow = deferred<string>()
    const { receiver } = watchedReceiver(({ url }) => (url === '/slow' ? slow.promise : 'fast secret'))
    const slowReply = receiver.receive({ ...signedPost(body, 'slow secret'), url: '/slow' })
    const other = JSON.stringify(paidOrder(start, { id: 'evt_2' }))
    expect(await receiver.receive(signedPost(other, 'fast secret'))).toMatchObject(accepted)
    slow.resolve('slow secret')
    expect(await slowReply).toMatchObject(accepted)
  })
})

describe('allowUnsigned', () => {
  test('it takes on what has no signature, knows of no secret index, and warns at every start', async () => {
    for (let starts = 0; starts < 2; starts++) {
      const { receiver, observed, log } = acmeReceiver({ provider: acme({ allowUnsigned: true }) })
      expect(log.at('warn').map(({ message }) => message)).toEqual([expect.stringContaining('allowUnsigned')])
      expect(await receiver.receive(post(body))).toMatchObject(accepted)
      expect(observed.accepted).toMatchObject([{ id: 'evt_1', secretIndex: undefined }])
    }
  })

  test('a receiver with a secret does not warn of it', () => {
    expect(acmeReceiver().log.lines).toEqual([])
  })
})

describe('a sender that signs something other than what it sends', () => {
  const resigning = () =>
    acmeReceiver({
      provider: acme({ secret: acmeSecret, resignedContent: (parsed) => JSON.stringify(parsed) }),
    })
  const spaced = JSON.stringify(paidOrder(start), null, 2)

  test('what it may have signed is tried after the body, and is the raw body from then on', async () => {
    const { receiver } = resigning()
    const handler = vi.fn()
    receiver.onAnyEvent(({ rawBody }) => handler(Buffer.from(rawBody).toString()))
    const delivery = { ...signedPost(body), readBody: () => Buffer.from(spaced) }
    expect(await receiver.receive(delivery)).toMatchObject(accepted)
    await receiver.idle()
    expect(handler.mock.calls).toEqual([[body]])
  })

  test('another secret or another body is refused all the same', async () => {
    const { receiver } = resigning()
    const forged = { ...signedPost(body, 'another secret'), readBody: () => Buffer.from(spaced) }
    expect(await receiver.receive(forged)).toMatchObject(invalid)
    const noJson = { ...signedPost(body), readBody: () => Buffer.from('{') }
    expect(await receiver.receive(noJson)).toMatchObject(invalid)
  })
})
