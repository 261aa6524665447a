import { runInNewContext } from 'node:vm'
import {
  ConfigurationError,
  createReceiver,
  defineProvider,
  RetryLater,
  readHexDigest,
  readIsoTimestamp,
  requireText,
} from '@hookport/core'
import { expressWebhooks, sematryxWebhooks } from '@hookport/express'
import { sematryx, sematryxReceiver } from '@hookport/providers/sematryx'
import { stripe } from '@hookport/providers/stripe'
import {
  CannotSign,
  deliver,
  failed,
  handled,
  manualClock,
  sample,
  sampleTypes,
  signedRequest,
} from '@hookport/testing'
import express from 'express'
import supertest from 'supertest'
import { describe, expect, onTestFinished, test, vi } from 'vitest'

const secret = 'your-webhook-secret'
const clock = () => manualClock(Date.parse('2026-11-20T12:00:00Z'))

function stopped<Stoppable extends { stop(): Promise<void> }>(receiver: Stoppable): Stoppable {
  onTestFinished(() => receiver.stop())
  return receiver
}

const receiverOf = (options = {}) =>
  stopped(sematryxReceiver({ secret, clock: clock(), logger: false, retry: { jitter: 0 }, ...options }))

describe('deliver', () => {
  test('goes through what a framework mounts as through a receiver', async () => {
    const webhooks = stopped(sematryxWebhooks({ secret, logger: false }))
    const seen: number[] = []
    webhooks.onEvent('optimization.completed', ({ data }) => void seen.push(data.result.best_fitness))
    const delivered = await deliver(webhooks, {
      type: 'optimization.completed',
      data: { result: { best_fitness: 0.25 } },
    })
    await handled(delivered)
    expect(seen).toEqual([0.25])
  })

  test('answers the key, and the id that was given; a second one of that id is a duplicate', async () => {
    const receiver = receiverOf({ consume: false })
    const event = { type: 'optimization.started', id: 'evt_1' } as const
    expect(await deliver(receiver, event)).toMatchObject({ outcome: 'accepted', key: 'sematryx:evt_1' })
    expect(await deliver(receiver, event)).toMatchObject({ outcome: 'duplicate', key: 'sematryx:evt_1' })
  })

  test('takes the time from the clock of the receiver, and another one where it is given', async () => {
    const time = clock()
    const receiver = receiverOf({ clock: time, consume: false })
    await time.advance(30 * 24 * 3600_000)
    const fresh = await deliver(receiver, { type: 'optimization.started' })
    expect(fresh.outcome).toBe('accepted')
    expect(await receiver.inbox.get(fresh.key)).toMatchObject({ createdAt: time.now() })
    const old = await deliver(receiver, { type: 'optimization.started', at: new Date('2026-11-01') })
    expect(old).toMatchObject({ status: 400, outcome: 'stale_event' })
  })

  test('sends a payload as it is given', async () => {
    const receiver = receiverOf({ consume: false })
    const payload = '{ "id": "evt_9", "type": "a.b", "created_at": "2026-11-20T12:00:00Z" }'
    const { key } = await deliver(receiver, { type: 'a.b', payload })
    expect(Buffer.from((await receiver.inbox.get(key))?.rawBody ?? []).toString()).toBe(payload)
    expect(await deliver(receiver, { type: 'a.b', payload: 'no JSON' })).toMatchObject({ status: 200 })
    expect(await receiver.inbox.counts()).toMatchObject({ dead: 1 })
  })

  test("sends bytes as they are, also an ArrayBuffer, and of a test's sandbox", async () => {
    const bytes = new TextEncoder().encode('{"id":"evt_9"}')
    const ofSandbox: Uint8Array = runInNewContext('new Uint8Array(bytes)', { bytes: [...bytes] })
    for (const payload of [bytes, bytes.buffer, ofSandbox, ofSandbox.buffer]) {
      const { body } = await signedRequest(sematryx({ secret }), { type: 'a.b', payload })
      expect(Buffer.from(body).toString()).toBe('{"id":"evt_9"}')
    }
  })

  test('takes a field out that is undefined, and a type that it has no sample of', async () => {
    const receiver = receiverOf({ consume: false })
    const { key } = await deliver(receiver, { type: 'optimization.completed', data: { result: undefined } })
    const kept = await receiver.inbox.get(key)
    expect(JSON.parse(Buffer.from(kept?.rawBody ?? []).toString()).data).not.toHaveProperty('result')
    expect(await deliver(receiver, { type: 'optimization.paused' })).toMatchObject({ outcome: 'accepted' })
  })

  test('signs with the secret that is asked for, and of the tenant that the URL names', async () => {
    const rotating = receiverOf({ secret: ['old', 'new'], consume: false })
    const indices: unknown[] = []
    rotating.instrument({ observers: { accepted: ({ secretIndex }) => indices.push(secretIndex) } })
    await deliver(rotating, { type: 'optimization.started' })
    await deliver(rotating, { type: 'optimization.started', secretIndex: 1 })
    expect(indices).toEqual([0, 1])
    const tenants = receiverOf({
      consume: false,
      secret: ({ url }: { url: string }) =>
        url.endsWith('?t=acme') ? { tenant: 'acme', secret } : undefined,
    })
    const delivered = await deliver(tenants, {
      type: 'optimization.started',
      url: '/webhooks?t=acme',
      id: 'evt_1',
    })
    expect(delivered).toMatchObject({ key: 'sematryx@acme:evt_1', events: [{ tenant: 'acme' }] })
    await expect(deliver(tenants, { type: 'optimization.started' })).rejects.toThrow('has no secret 0')
  })

  test('needs no secret for a sender that does not sign', async () => {
    const receiver = receiverOf({ secret: undefined, allowUnsigned: true, consume: false })
    expect(await deliver(receiver, { type: 'optimization.started' })).toMatchObject({ outcome: 'accepted' })
  })

  test('deliveries at once are each told what came of them', async () => {
    const receiver = receiverOf({ consume: false })
    const ids = Array.from({ length: 20 }, (_, index) => `evt_${index}`)
    const all = await Promise.all(ids.map((id) => deliver(receiver, { type: 'optimization.started', id })))
    expect(all.map(({ events }) => events.map(({ id }) => id))).toEqual(ids.map((id) => [id]))
  })

  test('refuses what is no receiver, and an id where the sender has none', async () => {
    await expect(signedRequest({}, { type: 'a' })).rejects.toThrow(CannotSign)
    const { github } = await import('@hookport/providers/github')
    const receiver = stopped(createReceiver({ provider: github({ secret }), logger: false }))
    await expect(deliver(receiver, { type: 'push', id: 'evt_1' })).rejects.toThrow('it reads no ids')
  })
})

describe('an event that a test gives', () => {
  const deliverAny = deliver as (...given: unknown[]) => Promise<unknown>
  const type = 'optimization.started'

  test.each<[string, unknown, string]>([
    ['is missing', undefined, 'the event is missing; it must be an object, as in { type: '],
    ['is a type alone', type, 'the event is a string; it must be an object, as in'],
    ['has no type', {}, "the event's type is missing; it must be a string, as in { type: "],
    ['has a type that is no string', { type: 7 }, "the event's type is 7; it must be a string"],
    ['has a misspelt type', { tpye: type }, 'an event to deliver has no tpye; did you mean type?'],
    [
      'has a field that it can not have',
      { type, toString: 1 },
      'an event to deliver has no toString; it may have type, data,',
    ],
    ['has an empty id', { type, id: '' }, "the event's id is empty; it must be a string"],
    ['has an id that is no string', { type, id: 7 }, "the event's id is 7; it must be a string"],
    ['has a time in words', { type, at: 'now' }, "the event's at is a string; it must be a valid Date"],
    ['has a time that is none', { type, at: new Date('now') }, "the event's at is Invalid Date; it must be"],
    [
      'has a payload of nothing',
      { type, payload: null },
      "the event's payload is null; it must be an object",
    ],
    [
      'has a payload that is a number',
      { type, payload: 7 },
      "the event's payload is 7; it must be an object",
    ],
    ['has headers in one string', { type, headers: 'a: b' }, "the event's headers is a string; it must be"],
    ['has headers of nothing', { type, headers: null }, "the event's headers is null; it must be"],
    [
      'has a URL that is no string',
      { type, url: new URL('http://a/b') },
      "the event's url is an object; it must be",
    ],
    [
      'has an index in a string',
      { type, secretIndex: '1' },
      "the event's secretIndex is a string; it must be a",
    ],
    ['has a key that is no key', { type, privateKey: 7 }, "the event's privateKey is 7; it must be a key"],
    [
      'has headers for a function',
      { type, sign: {} },
      "the event's sign is an object; it must be a function",
    ],
    [
      'has headers in an object of the Web',
      { type, headers: new Headers({ a: 'b' }) },
      "the event's headers is an object; it must be a plain object of strings",
    ],
    ['has headers in pairs', { type, headers: [['a', 'b']] }, "the event's headers is an object; it must be"],
    ['has a header that is no string', { type, headers: { a: 7 } }, "the event's headers is an object; it"],
    [
      'has data beside a payload',
      { type, payload: { type }, data: { status: 'failed' } },
      'the event has data beside payload. A payload is the whole body',
    ],
    [
      'has a time beside a payload',
      { type, payload: { type }, at: 0 },
      'the event has at beside payload. A payload is the whole body',
    ],
    [
      'is signed later',
      { type, sign: async () => ({}) },
      'what sign returned is an object; it must be a plain object of strings',
    ],
    ['is signed with nothing', { type, sign: () => undefined }, 'what sign returned is missing; it must be'],
    ['is signed oddly', { type, signature: 'none' }, "the event's signature is a string; it must be 'right'"],
  ])('and that %s is refused with what it lacks', async (_, event, complaint) => {
    const refusal = expect(deliverAny(receiverOf({ consume: false }), event)).rejects
    await refusal.toBeInstanceOf(ConfigurationError)
    await expect(signedRequest(sematryx({ secret }), event as never)).rejects.toThrow(complaint)
  })

  test('needs no type where it has a payload', async () => {
    const receiver = receiverOf({ consume: false })
    const payload = sample('sematryx', type, { at: Date.parse('2026-11-20T12:00:00Z') })
    expect(await deliverAny(receiver, { payload })).toMatchObject({ outcome: 'accepted' })
  })

  test('is delivered to a receiver: a provider, or nothing, is named', async () => {
    await expect(deliverAny(sematryx({ secret }), { type })).rejects.toThrow(
      'deliver needs a receiver and was given a provider',
    )
    await expect(deliverAny(undefined, { type })).rejects.toThrow('it is not a receiver: pass what')
  })
})

describe('handled', () => {
  test.each([
    ['nothing', undefined],
    ['null', null],
    ['a promise', Promise.resolve()],
    ['an object of the same shape', { key: 'sematryx:evt_1', status: 200 }],
  ])('and failed reject for %s in place of what deliver answers', async (_, given) => {
    for (const wait of [handled, failed])
      await expect(wait(given as never)).rejects.toThrow(
        'need the result of deliver(): const delivered = await',
      )
  })

  test('waits for the retries of a handler, which come as the clock is moved', async () => {
    const time = clock()
    const receiver = receiverOf({ clock: time })
    receiver.onEvent('optimization.completed', (_, { attempt }) => {
      if (attempt === 1) throw new Error('not yet')
    })
    const delivered = await deliver(receiver, { type: 'optimization.completed' })
    expect(await failed(delivered)).toMatchObject({
      outcome: 'failed',
      attempt: 1,
      retryInMs: 1_000,
      failures: [{ message: 'not yet' }],
    })
    await time.advance(1_000)
    expect(await handled(delivered)).toMatchObject({ outcome: 'handled', attempt: 2 })
  })

  test('says what went wrong where nothing comes of it in time', async () => {
    const receiver = receiverOf()
    receiver.onEvent('optimization.completed', () => {
      throw new Error('not yet')
    })
    const delivered = await deliver(receiver, { type: 'optimization.completed' })
    await failed(delivered)
    await expect(handled(delivered, { within: 20 })).rejects.toThrow(
      /^sematryx:\w+ was not handled within 20 ms: attempt 1 failed \(onEvent\(optimization.completed\)#0: not yet\), and it runs again in 1000 ms: move the clock$/,
    )
  })

  test('says what an event waits for whose handlers had no error', async () => {
    const receiver = receiverOf()
    receiver.onEvent('optimization.completed', () => {
      throw new RetryLater(60_000)
    })
    const delivered = await deliver(receiver, { type: 'optimization.completed' })
    await failed(delivered)
    await expect(handled(delivered, { within: 20 })).rejects.toThrow(
      'attempt 1 failed (no error: RetryLater, or a pause), and it runs again in 60000 ms',
    )
  })

  test('says what to call where nothing is handled by itself, which what a framework mounts has too', async () => {
    const webhooks = stopped(sematryxWebhooks({ secret, logger: false, consume: false }))
    webhooks.onEvent('optimization.completed', () => {})
    const delivered = await deliver(webhooks, { type: 'optimization.completed' })
    await expect(handled(delivered, { within: 20 })).rejects.toThrow(
      'with consume: false, call webhooks.start() first',
    )
    webhooks.start()
    expect(await handled(delivered)).toMatchObject({ attempt: 1 })
  })

  test.each([[{ witin: 20 }], [{ within: Number.NaN }], [{ within: -1 }], [{ within: 2 ** 31 }]])(
    'takes no wait that can not work: %j',
    async (options) => {
      const receiver = receiverOf()
      receiver.onEvent('optimization.completed', () => {})
      const delivered = await deliver(receiver, { type: 'optimization.completed' })
      await expect(handled(delivered, options as never)).rejects.toThrow(ConfigurationError)
      await expect(failed(delivered, options as never)).rejects.toThrow(/within/)
    },
  )

  test('waits for what comes of a redrive, and of a replay, and not for what was before', async () => {
    const receiver = receiverOf({ clock: undefined, retry: { attempts: 1 }, keepHandledFor: 3600_000 })
    let isMended = false
    receiver.onEvent('optimization.completed', async () => {
      if (!isMended) throw new Error('for good')
    })
    const delivered = await deliver(receiver, { type: 'optimization.completed' })
    await expect(handled(delivered)).rejects.toThrow('dead letter')
    await receiver.redrive(delivered.key)
    await expect(handled(delivered)).rejects.toThrow('dead letter')
    isMended = true
    await receiver.redrive(delivered.key)
    expect(await handled(delivered)).toMatchObject({ attempt: 1 })
    await expect(failed(delivered)).rejects.toThrow('the event did not fail: it was handled')
    isMended = false
    await receiver.replay()
    expect(await failed(delivered)).toMatchObject({ outcome: 'dead' })
  })

  test('an event that was parked is handled once a handler takes it', async () => {
    const receiver = receiverOf()
    receiver.onEvent('optimization.failed', () => {})
    const delivered = await deliver(receiver, { type: 'optimization.completed' })
    await expect(handled(delivered)).rejects.toThrow('parked')
    let runs = 0
    receiver.onEvent('optimization.completed', () => {
      runs += 1
    })
    await receiver.idle()
    await vi.waitFor(() => expect(runs).toBe(1), 10_000)
    expect(await handled(delivered)).toMatchObject({ outcome: 'handled' })
  })

  test('rejects at once where every handler skipped the event, as each had handled a newer one', async () => {
    const time = clock()
    const receiver = receiverOf({
      clock: time,
      order: { by: ({ data }: { data: { optimization_id: string } }) => data.optimization_id, older: 'skip' },
    })
    receiver.onEvent('optimization.completed', () => {})
    const event = { type: 'optimization.completed', data: { optimization_id: 'opt_1' } } as const
    await handled(await deliver(receiver, event))
    const older = await deliver(receiver, { ...event, at: time.now() - 60_000 })
    for (const wait of [handled, failed])
      await expect(wait(older)).rejects.toThrow(
        'every handler skipped the event, as each has handled a newer one of its order key: onEvent(optimization.completed)#0',
      )
  })

  test('goes on waiting where one handler skipped the event, and another is paused', async () => {
    const time = clock()
    const receiver = receiverOf({
      clock: time,
      order: { by: ({ data }: { data: { optimization_id: string } }) => data.optimization_id, older: 'skip' },
    })
    const ran: string[] = []
    receiver.onEvent('optimization.completed', () => void ran.push('save'), { name: 'save' })
    const event = { type: 'optimization.completed', data: { optimization_id: 'opt_1' } } as const
    await handled(await deliver(receiver, event))
    receiver.onEvent('optimization.completed', () => void ran.push('mail'), { name: 'mail' })
    await receiver.pause({ handler: 'mail', reason: 'no mail yet' })
    const older = await deliver(receiver, { ...event, at: time.now() - 60_000 })
    await expect(handled(older, { within: 100 })).rejects.toThrow('was not handled within 100 ms')
    await receiver.resume({ handler: 'mail' })
    await time.advance(10_000)
    await handled(older)
    expect(ran).toEqual(['save', 'mail'])
  })

  test('rejects for a dead letter with its reasons, for a type without handler, and for what was refused', async () => {
    const receiver = receiverOf({ retry: { attempts: 1 } })
    receiver.onEvent('optimization.completed', () => {
      throw new Error('for good')
    })
    const dead = await deliver(receiver, { type: 'optimization.completed' })
    await expect(handled(dead)).rejects.toThrow(
      'the event is a dead letter: onEvent(optimization.completed)#0: for good',
    )
    const parked = await deliver(receiver, { type: 'optimization.started' })
    await expect(handled(parked)).rejects.toThrow(
      'no handler takes the event: it was parked. Its type is optimization.started; there are handlers for optimization.completed',
    )
    const refused = await deliver(receiver, { type: 'optimization.completed', signature: 'missing' })
    await expect(handled(refused)).rejects.toThrow(
      'nothing was taken on: the reply was 401, the delivery has no',
    )
  })

  test('says so where no type has a handler, and names what failed where the sender is to try again', async () => {
    const without = await deliver(receiverOf(), { type: 'optimization.started' })
    await expect(handled(without, { within: 20 })).rejects.toThrow(
      'no handler has finished, as no type has one',
    )
    const receiver = receiverOf({ acknowledge: 'after-handlers' })
    receiver.onEvent('optimization.started', () => {
      throw new Error('the ERP is away')
    })
    const refused = await deliver(receiver, { type: 'optimization.started' })
    expect(refused).toMatchObject({ status: 500, key: '', events: [] })
    expect(await failed(refused)).toMatchObject({
      retryInMs: null,
      failures: [{ message: 'the ERP is away' }],
    })
    await expect(handled(refused)).rejects.toThrow(
      'the handlers failed, and the sender would send it again: onEvent(optimization.started)#0: the ERP is away',
    )
  })

  test('failed rejects where the event was handled', async () => {
    const receiver = receiverOf()
    receiver.onEvent('optimization.completed', () => {})
    await expect(failed(await deliver(receiver, { type: 'optimization.completed' }))).rejects.toThrow(
      'the event did not fail: it was handled',
    )
  })

  test('answers what came of the event before, where a delivery is a duplicate of it', async () => {
    const receiver = receiverOf()
    receiver.onEvent('optimization.completed', () => {})
    const event = { type: 'optimization.completed', id: 'evt_1' } as const
    await handled(await deliver(receiver, event))
    const again = await deliver(receiver, event)
    expect(again.outcome).toBe('duplicate')
    expect(await handled(again)).toMatchObject({ outcome: 'handled', attempt: 1 })
  })

  test('leaves no timer that keeps a test process alive', async () => {
    const timers = () => process.getActiveResourcesInfo().filter((one) => one === 'Timeout').length
    const receiver = receiverOf()
    receiver.onEvent('optimization.completed', () => {})
    const delivered = await deliver(receiver, { type: 'optimization.completed' })
    const before = timers()
    await handled(delivered)
    expect(timers()).toBeLessThanOrEqual(before)
  })

  test('is not held up by fake timers of the test framework', async () => {
    const receiver = receiverOf()
    vi.useFakeTimers()
    onTestFinished(() => void vi.useRealTimers())
    const delivered = await deliver(receiver, { type: 'optimization.completed' })
    await expect(handled(delivered, { within: 20 })).rejects.toThrow('no handler has finished')
  })
})

test('a signed request goes through a real application', async () => {
  const webhooks = stopped(expressWebhooks(createReceiver({ provider: stripe({ secret }), logger: false })))
  const app = express().use('/webhooks/stripe', webhooks)
  const { url, headers, body } = await signedRequest(webhooks, { type: 'invoice.paid' })
  const { status } = await supertest(app)
    .post(url)
    .set(headers)
    .serialize((sent) => sent)
    .send(Buffer.from(body) as never)
  expect(status).toBe(200)
})

test.each([
  ['Body=Hi&From=%2B1500', 'application/x-www-form-urlencoded'],
  [Buffer.from('payload=%7B%22a%22%3A1%7D'), 'application/x-www-form-urlencoded'],
  ['{"a":"b=c"}', 'application/json'],
  [' [1]', 'application/json'],
  ['"a=b"', 'application/json'],
  ['', 'application/json'],
])('a payload that was written elsewhere, %s, is sent as %s', async (payload, type) => {
  const { headers } = await signedRequest(sematryx({ secret }), { type: 'a.b', payload })
  expect(headers['content-type']).toBe(type)
})

test('a definition without a receiver can be signed for', async () => {
  const { headers } = await signedRequest(sematryx({ secret }), { type: 'optimization.started' })
  expect(headers).toHaveProperty('x-sematryx-signature')
})

test('a header that a test gives is sent as it is given, also one of the signature', async () => {
  const headers = { 'Stripe-Signature': 't=1,v1=none', 'X-More': 'y' }
  const request = await signedRequest(stripe({ secret }), { type: 'invoice.paid', headers })
  expect(request.headers).toMatchObject({ 'stripe-signature': 't=1,v1=none', 'x-more': 'y' })
})

test('a sample can be had by itself', () => {
  expect(sample('stripe', 'invoice.paid', { data: { object: { amount_paid: 7 } } })).toMatchObject({
    type: 'invoice.paid',
    data: { object: { object: 'invoice', amount_paid: 7 } },
  })
  expect(() => sample('acme', 'order.paid')).toThrow('there are no samples for acme: it is not built in')
})

test('the types of a provider that is misspelt are an error, and no empty list', () => {
  expect(sampleTypes('stripe')).toContain('invoice.paid')
  expect(() => sampleTypes('strpe')).toThrow('there are no samples for strpe: did you mean stripe?')
  expect(() => sampleTypes('acme')).toThrow('there are no samples for acme: it is not built in')
})

describe('a definition of one’s own', () => {
  const acme = (changes: object = {}) =>
    stopped(
      createReceiver({
        logger: false,
        consume: false,
        provider: defineProvider({
          name: 'acme',
          secret,
          retryHorizon: 0,
          events: {},
          signatureHeaders: ['x-acme-signature'],
          readSignature(headers) {
            const digest = readHexDigest(headers.get('x-acme-signature') ?? '')
            return digest ? { digests: [digest] } : 'missing'
          },
          readEnvelope: (payload) => ({
            id: requireText(payload, 'event_id'),
            type: requireText(payload, 'kind'),
            createdAt: readIsoTimestamp(payload.occurred_at, 'occurred_at'),
          }),
          ...changes,
        }),
      }),
    )

  test('of several events in one body, handled waits for all, and failed for any', async () => {
    const receiver = stopped(
      createReceiver({
        logger: false,
        retry: { attempts: 1 },
        provider: defineProvider({
          name: 'acme',
          allowUnsigned: true,
          retryHorizon: 0,
          events: {},
          body: 'events',
          signatureHeaders: [],
          readSignature: () => 'missing',
          readEnvelope: (payload) => ({
            id: requireText(payload, 'id'),
            type: 'paid',
            createdAt: new Date(),
          }),
        }),
      }),
    )
    receiver.onAnyEvent(async ({ id }) => {
      if (id.startsWith('bad')) throw new Error(`${id} is unknown`)
    })
    const deliverAll = (...ids: string[]) =>
      deliver(receiver, { type: 'paid', payload: ids.map((id) => ({ id })) })
    const good = await deliverAll('a', 'b')
    expect(await handled(good)).toMatchObject({ outcome: 'handled' })
    await expect(failed(good)).rejects.toThrow('the event did not fail: it was handled')
    const mixed = await deliverAll('c', 'bad')
    await expect(handled(mixed)).rejects.toThrow('bad is unknown')
    expect(await failed(mixed)).toMatchObject({ failures: [{ message: 'bad is unknown' }] })
  })

  test('is delivered to by type and data: the fields that it reads are filled in', async () => {
    const receiver = acme()
    const delivered = await deliver(receiver, { type: 'invoice.paid', data: { amount: 5 }, id: 'in_1' })
    expect(delivered).toMatchObject({ outcome: 'accepted', key: 'acme:in_1' })
    const kept = await receiver.inbox.get('acme:in_1')
    expect(JSON.parse(Buffer.from(kept?.rawBody ?? []).toString())).toEqual({
      event_id: 'in_1',
      kind: 'invoice.paid',
      occurred_at: expect.any(String),
      data: { amount: 5 },
    })
  })

  test('has its data where it reads them', async () => {
    const receiver = acme({ readData: (payload: object) => payload })
    const { key } = await deliver(receiver, { type: 'invoice.paid', data: { amount: 5 } })
    const kept = await receiver.inbox.get(key)
    expect(JSON.parse(Buffer.from(kept?.rawBody ?? []).toString())).toMatchObject({ amount: 5 })
  })

  test('has its data in the field that it reads, whatever that is called', async () => {
    const receiver = acme({ readData: (payload: { form_response?: unknown }) => payload.form_response })
    const { key } = await deliver(receiver, { type: 'invoice.paid', data: { amount: 5 } })
    const kept = await receiver.inbox.get(key)
    expect(JSON.parse(Buffer.from(kept?.rawBody ?? []).toString())).toMatchObject({
      form_response: { amount: 5 },
    })
  })

  test('whose data has a place that can’t be found out is given its payload: no event comes without its data', async () => {
    const nested = { readData: (payload: { body?: { data?: unknown } }) => payload.body?.data }
    await expect(deliver(acme(nested), { type: 'invoice.paid', data: { amount: 5 } })).rejects.toThrow(
      'it is not known where acme has its data',
    )
    expect(await deliver(acme(nested), { type: 'invoice.paid' })).toMatchObject({ outcome: 'accepted' })
  })

  test('whose type is in a header has it there, also with a payload', async () => {
    const byHeader = {
      typeHeader: 'x-acme-event',
      readEnvelope: (_: object, headers: Headers) => ({
        id: undefined,
        type: requireText({ type: headers.get('x-acme-event') }, 'type'),
        createdAt: undefined,
      }),
    }
    const made = await deliver(acme(byHeader), { type: 'paid', data: { amount: 5 } })
    expect(made).toMatchObject({ outcome: 'accepted', events: [{ type: 'paid' }] })
    const given = await deliver(acme(byHeader), { type: 'paid', payload: { amount: 6 } })
    expect(given).toMatchObject({ outcome: 'accepted', events: [{ type: 'paid' }] })
  })

  test('that is a form is sent one', async () => {
    const receiver = acme({
      body: 'form',
      readData: (payload: object) => payload,
      readEnvelope: (payload: object) => ({
        id: undefined,
        type: requireText(payload as never, 'event'),
        createdAt: undefined,
      }),
    })
    expect(await deliver(receiver, { type: 'paid', data: { amount: '5' } })).toMatchObject({
      outcome: 'accepted',
    })
  })

  test('whose headers can’t be found out is signed by the test', async () => {
    const odd = {
      readSignature(headers: Headers) {
        const digest = readHexDigest((headers.get('x-acme-signature') ?? '').split('').reverse().join(''))
        return digest ? { digests: [digest], signedPrefix: 'odd:' } : 'malformed'
      },
      signatureHeaders: ['x-acme-signature'],
    }
    // Reversed, a stand-in is no longer itself.
    await expect(deliver(acme(odd), { type: 'invoice.paid' })).rejects.toThrow('pass sign: (body)')
    const { createHmac } = await import('node:crypto')
    const sign = (body: Uint8Array) => ({
      'X-Acme-Signature': createHmac('sha256', secret)
        .update('odd:')
        .update(body)
        .digest('hex')
        .split('')
        .reverse()
        .join(''),
    })
    expect(await deliver(acme(odd), { type: 'invoice.paid', sign })).toMatchObject({ outcome: 'accepted' })
  })

  test('whose envelope can’t be made up is given its payload', async () => {
    const nested = {
      readEnvelope: (payload: { meta?: { type?: string } }) => ({
        id: undefined,
        type: requireText(payload.meta as never, 'type'),
        createdAt: undefined,
      }),
    }
    await expect(deliver(acme(nested), { type: 'invoice.paid' })).rejects.toThrow(
      'pass the whole body as payload',
    )
    const payload = { meta: { type: 'invoice.paid' } }
    expect(await deliver(acme(nested), { type: 'invoice.paid', payload })).toMatchObject({
      outcome: 'accepted',
    })
  })
})
