import { memoryInbox } from '@hookport/core'
import { manualClock } from '@hookport/core/testing'
import { describe, expect, test, vi } from 'vitest'
import { acme, signedPost } from '../support/acme.ts'
import { acmeReceiver, paidOrder, start } from '../support/acme-receiver.ts'

const minute = 60_000
const day = 24 * 60 * minute

test('an event is handled once under 100 concurrent deliveries, and all are told that it was received', async () => {
  const { receiver, send, observed } = acmeReceiver()
  const handler = vi.fn()
  receiver.onEvent('order.paid', handler)
  const replies = await Promise.all(Array.from({ length: 100 }, () => send()))
  await receiver.idle()
  expect(replies.map(({ status, body }) => `${status} ${body}`)).toEqual(
    Array(100).fill('200 {"received":true}'),
  )
  expect(handler).toHaveBeenCalledOnce()
  expect(observed.accepted).toHaveLength(1)
  expect(observed.duplicate).toHaveLength(99)
})

test('two receivers that share an inbox take an event on once between them', async () => {
  const clock = manualClock(start)
  const inbox = memoryInbox({ clock })
  const handler = vi.fn()
  const one = acmeReceiver({ inbox, clock })
  const other = acmeReceiver({ inbox, clock })
  one.receiver.onEvent('order.paid', handler)
  other.receiver.onEvent('order.paid', handler)
  await Promise.all(Array.from({ length: 100 }, (_, nth) => (nth % 2 === 0 ? one : other).send()))
  await Promise.all([one.receiver.idle(), other.receiver.idle()])
  expect(handler).toHaveBeenCalledOnce()
})

test('the same id from another provider is another event', async () => {
  const clock = manualClock(start)
  const inbox = memoryInbox({ clock })
  const one = acmeReceiver({ inbox, clock })
  const other = acmeReceiver({ inbox, clock, provider: acme({ name: 'other', allowUnsigned: true }) })
  const handler = vi.fn()
  one.receiver.onAnyEvent((_, { provider }) => handler(provider))
  other.receiver.onAnyEvent((_, { provider }) => handler(provider))
  await one.send()
  await other.send()
  await Promise.all([one.receiver.idle(), other.receiver.idle()])
  expect(handler.mock.calls.flat().sort()).toEqual(['acme', 'other'])
})

test('a duplicate that differs from what was taken on is reported as a conflict, and still received', async () => {
  const { receiver, send, observed, log } = acmeReceiver()
  const handler = vi.fn()
  receiver.onEvent('order.paid', ({ data }) => handler(data.amount))
  await send({ data: { amount: 5 } })
  await send({ data: { amount: 5 } })
  expect(await send({ data: { amount: 500 } })).toMatchObject({ status: 200 })
  await receiver.idle()
  expect(observed.duplicate.map(({ conflict }) => conflict)).toEqual([false, true])
  expect(log.at('warn')).toMatchObject([{ message: expect.stringContaining('another body') }])
  expect(handler.mock.calls).toEqual([[5]])
})

describe('at the edge of the window', () => {
  test('an event is refused as stale from the instant on at which its id is forgotten', async () => {
    const { send, clock } = acmeReceiver({ dedupeWindow: day })
    await send({ at: start })
    await clock.advance(day - 1)
    expect(await send({ at: start })).toMatchObject({ status: 200 })
    await clock.advance(1)
    expect(await send({ at: start })).toMatchObject({ status: 400, body: '{"error":"stale_event"}' })
  })

  test('an event whose age is maxAge is refused, one a millisecond younger is taken on', async () => {
    const { send } = acmeReceiver({ maxAge: 10 * minute })
    expect(await send({ id: 'old', at: start - 10 * minute })).toMatchObject({ status: 400 })
    expect(await send({ id: 'young', at: start - 10 * minute + 1 })).toMatchObject({ status: 200 })
  })

  test('an event five minutes ahead is taken on, one a millisecond further is refused', async () => {
    const { send } = acmeReceiver()
    expect(await send({ id: 'ahead', at: start + 5 * minute })).toMatchObject({ status: 200 })
    const tooFar = await send({ id: 'too far', at: start + 5 * minute + 1 })
    expect(tooFar).toMatchObject({ status: 400, body: '{"error":"stale_event"}' })
  })

  test.each([-12 * 60 * minute, -1, 0, 1, 5 * minute])(
    'an event dated %i ms from now is handled once at whatever instant it is sent again',
    async (offset) => {
      const { receiver, send, clock, observed } = acmeReceiver({ dedupeWindow: day })
      const handler = vi.fn()
      receiver.onEvent('order.paid', handler)
      const at = start + offset
      await send({ at })
      await receiver.idle()
      const untilForgotten = day + Math.max(0, offset)
      const instants = [0, 1, day - 1, day, day + 1, untilForgotten - 1, untilForgotten, untilForgotten + 1]
      for (const instant of instants.sort((one, other) => one - other)) {
        await clock.advance(start + instant - clock.now())
        await send({ at })
        await receiver.idle()
      }
      expect(handler).toHaveBeenCalledOnce()
      expect(observed.accepted).toHaveLength(1)
      expect(observed.duplicate.length + observed.rejected.length).toBe(instants.length)
    },
  )

  test.each([
    [0, day],
    [-12 * 60 * minute, day],
    [5 * minute, day + 5 * minute],
  ])('the id of an event dated %i ms from now is remembered for %i ms', async (offset, expected) => {
    const kept = memoryInbox()
    const put = vi.spyOn(kept, 'put')
    await acmeReceiver({ inbox: kept, dedupeWindow: day }).send({ at: start + offset })
    expect(put.mock.calls.map(([, options]) => options)).toEqual([{ rememberMs: expected }])
  })

  test('the log says by how much an event is too early or too late', async () => {
    const { send, log } = acmeReceiver({ maxAge: 10 * minute })
    await send({ at: start + 6 * minute })
    await send({ at: start - 11 * minute })
    expect(log.lines.slice(-2).map(({ message }) => message)).toEqual([
      'delivery refused: the event was signed 360 s in the future',
      'delivery refused: the event was signed 660 s ago; maxAge is 600 s',
    ])
  })

  test('where the definition limits the age of signatures, the log does not say that options of the receiver do', async () => {
    const provider = acme({ allowUnsigned: true })
    const readSignature = () => ({
      digests: [new Uint8Array(32)],
      signedAt: start - 11 * minute,
      maxAge: 5 * minute,
    })
    const signing = { ...provider, keys: [() => new Uint8Array(32)], readSignature }
    const { send, log } = acmeReceiver({ provider: signing })
    expect(await send()).toMatchObject({ status: 400 })
    expect(log.lines.at(-1)).toMatchObject({
      message: 'delivery refused: the event was signed 660 s ago; the limit of its provider is 300 s',
      details: { fix: expect.stringMatching(/raise tolerance of the provider/) },
    })
  })

  test('with maxAge: Infinity an event of any age is taken on, and the log says once what that means', async () => {
    const { send, clock, log } = acmeReceiver({ maxAge: Number.POSITIVE_INFINITY })
    expect(log.at('warn').map(({ message }) => message)).toEqual([
      expect.stringContaining('maxAge (Infinity'),
    ])
    expect(await send({ at: 0 })).toMatchObject({ status: 200 })
    await clock.advance(1)
    expect(await send({ at: 0 })).toMatchObject({ status: 200 })
    expect(log.at('warn')).toHaveLength(1)
  })

  test('the time that is part of what is signed counts, where there is one, and not that of the event', async () => {
    let signedAt = start
    const provider = acme({ allowUnsigned: true })
    const signing = {
      ...provider,
      keys: [() => new Uint8Array(32)],
      readSignature: () => ({ digests: [new Uint8Array(32)], signedAt }),
    }
    const { send } = acmeReceiver({ provider: signing, maxAge: minute })
    expect(await send({ at: start - day })).toMatchObject({ status: 200 })
    signedAt = start - minute
    expect(await send({ id: 'evt_2', at: start })).toMatchObject({ status: 400 })
    signedAt = Number.NaN
    expect(await send({ id: 'evt_3', at: start })).toMatchObject({ status: 400 })
  })

  test.each([
    ['maxAge of the receiver', 5 * minute, 10 * minute],
    ['age that the sender allows', 10 * minute, 5 * minute],
  ])('the %s counts where it is the shorter of the two', async (_, ofReceiver, ofSender) => {
    let signedAt = start - 5 * minute + 1
    const signing = {
      ...acme({ allowUnsigned: true }),
      keys: [() => new Uint8Array(32)],
      readSignature: () => ({ digests: [new Uint8Array(32)], signedAt, maxAge: ofSender }),
    }
    const { send } = acmeReceiver({ provider: signing, maxAge: ofReceiver })
    expect(await send()).toMatchObject({ status: 200 })
    signedAt -= 1
    expect(await send({ id: 'evt_2' })).toMatchObject({ status: 400, body: '{"error":"stale_event"}' })
  })

  test('an event that was signed ahead of our clock is handled once, as long as its signature is fresh', async () => {
    const signedAt = start + 5 * minute
    const signing = {
      ...acme({ allowUnsigned: true }),
      keys: [() => new Uint8Array(32)],
      readSignature: () => ({ digests: [new Uint8Array(32)], signedAt }),
    }
    const { receiver, send, clock, observed } = acmeReceiver({ provider: signing, dedupeWindow: day })
    const handler = vi.fn()
    receiver.onEvent('order.paid', handler)
    const replies: number[] = []
    for (const instant of [0, day, day + 5 * minute - 1, day + 5 * minute]) {
      await clock.advance(start + instant - clock.now())
      replies.push((await send({ at: start })).status)
      await receiver.idle()
    }
    expect(replies).toEqual([200, 200, 200, 400])
    expect(handler).toHaveBeenCalledOnce()
    expect(observed.duplicate).toHaveLength(2)
  })
})

describe('ids', () => {
  test('no two different ids are the same event', async () => {
    const ids = [
      'a',
      'A',
      ' a',
      'a ',
      'a\u0000',
      'é',
      'e\u0301',
      '\ud800',
      '\ud801',
      '\udfff',
      '\ufffd',
      '"\\ud800"',
      '\\ud800',
      '__proto__',
      'constructor',
      'hasOwnProperty',
      'acme:a',
      '~a',
      '../../a',
      'x'.repeat(200),
      'x'.repeat(201),
      'x'.repeat(202),
    ]
    const { receiver, send, observed } = acmeReceiver()
    const handler = vi.fn()
    receiver.onAnyEvent(({ id }) => handler(id))
    for (const id of ids) await send({ id })
    for (const id of ids) await send({ id })
    await receiver.idle()
    expect(handler.mock.calls.flat()).toEqual(ids)
    expect(observed.duplicate).toHaveLength(ids.length)
    expect(new Set(observed.accepted.map(({ key }) => key)).size).toBe(ids.length)
  })

  test('a harmless id is its own key; any other, or one of over 200 bytes, is digested', async () => {
    const { send, observed } = acmeReceiver()
    const harmless = ['evt_1', 'A.b:c-9_', 'x'.repeat(200)]
    const others = ['x'.repeat(201), 'a b', 'a/b', 'a\nb', 'ü', '~', '\ud800']
    for (const id of [...harmless, ...others]) await send({ id })
    const keys = observed.accepted.map(({ key }) => key)
    expect(keys.slice(0, 3)).toEqual(harmless.map((id) => `acme:${id}`))
    expect(keys).toHaveLength(10)
    for (const key of keys.slice(3)) expect(key).toMatch(/^acme:~[0-9a-f]{64}$/)
  })

  test('an id that is written like the digest of another is not taken for it', async () => {
    const { send, observed } = acmeReceiver()
    await send({ id: 'a b' })
    const digest = observed.accepted[0]?.key.slice('acme:'.length) ?? ''
    await send({ id: digest })
    await send({ id: digest.slice(1) })
    expect(observed.accepted).toHaveLength(3)
  })

  test('where the provider gives no id, the body stands for it', async () => {
    const readEnvelope = ({ type, at }: { type?: unknown; at?: unknown }) => ({
      id: undefined,
      type: String(type),
      createdAt: new Date(Number(at)),
    })
    const { send, observed } = acmeReceiver({ provider: acme({ allowUnsigned: true, readEnvelope }) })
    await send({ data: { amount: 1 } })
    await send({ data: { amount: 1 } })
    await send({ data: { amount: 2 } })
    expect(observed.accepted).toHaveLength(2)
    expect(observed.duplicate).toHaveLength(1)
  })

  test('headers are not trusted for identity, type or time', async () => {
    const { receiver, observed } = acmeReceiver()
    const delivery = signedPost(JSON.stringify(paidOrder(start)))
    const headers = new Headers(delivery.headers as Headers)
    for (const name of ['x-acme-id', 'webhook-id', 'x-acme-event', 'webhook-timestamp'])
      headers.set(name, '7')
    await receiver.receive({ ...delivery, headers })
    await receiver.receive(delivery)
    expect(observed.accepted).toMatchObject([{ id: 'evt_1', type: 'order.paid' }])
    expect(observed.duplicate).toHaveLength(1)
  })
})
