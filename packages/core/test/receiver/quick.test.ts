import { memoryInbox } from '@hookport/core'
import { inboxInFront } from '@hookport/core/testing'
import { deferred } from '@hookport/testkit/deferred'
import { expect, test, vi } from 'vitest'
import { acme, acmeSecret } from '../support/acme.ts'
import { acmeReceiver, start } from '../support/acme-receiver.ts'
import { collectUnhandledRejections, rejectionsReported } from '../support/unhandled-rejections.ts'

test('the reply does not wait for a handler', async () => {
  const { receiver, send, clock } = acmeReceiver()
  const gate = deferred()
  const handler = vi.fn(() => gate.promise)
  receiver.onEvent('order.paid', handler)
  expect(await send()).toMatchObject({ status: 200 })
  expect(handler).not.toHaveBeenCalled()
  const idle = receiver.idle()
  await clock.advance(0)
  expect(handler).toHaveBeenCalledOnce()
  gate.resolve()
  await idle
})

test('it waits for the inbox until acceptTimeout, and is 503 then', async () => {
  const inbox = inboxInFront(memoryInbox(), { put: () => new Promise(() => {}) })
  const { send, clock, log } = acmeReceiver({ inbox, acceptTimeout: 500, consume: false })
  let replied = false
  const reply = send().then((reply) => {
    replied = true
    return reply
  })
  await clock.advance(499)
  expect(replied).toBe(false)
  await clock.advance(1)
  expect(await reply).toMatchObject({
    status: 503,
    body: '{"error":"unavailable"}',
    headers: { 'retry-after': '5' },
  })
  expect(log.at('error')).toMatchObject([{ message: expect.stringContaining('within 500 ms') }])
})

test('it waits 3 s unless told, as Sematryx hangs up after 5 s', async () => {
  const inbox = inboxInFront(memoryInbox(), { put: () => new Promise(() => {}) })
  const { send, clock } = acmeReceiver({ inbox, consume: false })
  const replied = vi.fn()
  const reply = send().then(replied)
  await clock.advance(2_999)
  expect(replied).not.toHaveBeenCalled()
  await clock.advance(1)
  await reply
  expect(replied).toHaveBeenCalledOnce()
})

test('an inbox that rejects after the reply harms nobody', async () => {
  const rejections = collectUnhandledRejections()
  const late = deferred<never>()
  const { send, clock } = acmeReceiver({
    inbox: inboxInFront(memoryInbox(), { put: () => late.promise }),
    consume: false,
  })
  const reply = send()
  await clock.advance(3_000)
  expect(await reply).toMatchObject({ status: 503 })
  late.reject(new Error('too late'))
  await rejectionsReported()
  expect(rejections).toEqual([])
})

test('an inbox that holds the event after the reply makes the next delivery a duplicate: nothing is lost or doubled', async () => {
  const late = deferred()
  const inbox = memoryInbox()
  const { receiver, send, clock } = acmeReceiver({
    inbox: inboxInFront(inbox, {
      put: async (event, options) => {
        await late.promise
        return inbox.put(event, options)
      },
    }),
  })
  const handler = vi.fn()
  receiver.onEvent('order.paid', handler)
  const reply = send()
  await clock.advance(3_000)
  expect(await reply).toMatchObject({ status: 503 })
  late.resolve()
  expect(await send({ at: start })).toMatchObject({ status: 200 })
  await receiver.idle()
  expect(handler).toHaveBeenCalledOnce()
})

test('an inbox that answers in time leaves no timer behind', async () => {
  const inbox = memoryInbox()
  const { send, clock } = acmeReceiver({
    inbox: inboxInFront(inbox, { put: async (event, options) => inbox.put(event, options) }),
    consume: false,
  })
  expect(await send()).toMatchObject({ status: 200 })
  await clock.advance(10_000)
  expect(clock.pendingTimers).toBe(0)
})

test('an event that another process is handling is 409, with the time after which to come again', async () => {
  const inbox = inboxInFront(memoryInbox(), { put: () => ({ outcome: 'in_progress', retryAfterMs: 4_000 }) })
  const { send, observed } = acmeReceiver({ inbox, consume: false })
  expect(await send()).toMatchObject({
    status: 409,
    body: '{"error":"in_progress"}',
    headers: { 'retry-after': '4' },
  })
  expect([observed.accepted, observed.duplicate]).toEqual([[], []])
})

test('a body is parsed once, and not again for its handler', async () => {
  const body = vi.fn((rawBody: Uint8Array) => JSON.parse(Buffer.from(rawBody).toString()))
  const { receiver, send } = acmeReceiver({ provider: acme({ secret: acmeSecret, body }) })
  const handler = vi.fn()
  receiver.onEvent('order.paid', handler)
  await send()
  await receiver.idle()
  expect(handler).toHaveBeenCalledOnce()
  expect(body).toHaveBeenCalledOnce()
})
