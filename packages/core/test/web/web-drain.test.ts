import { setImmediate as nextTurn } from 'node:timers/promises'
import { type Inbox, memoryInbox } from '@hookport/core'
import { inboxInFront, manualClock } from '@hookport/core/testing'
import { idleForRequests, webWebhooks } from '@hookport/core/web'
import { deferred } from '@hookport/testkit/deferred'
import { expect, test, vi } from 'vitest'
import { acme, acmeSecret, sign } from '../support/acme.ts'
import { acmeReceiver, paidOrder, start } from '../support/acme-receiver.ts'

const ask = (token: string) =>
  new Request('http://localhost/cron', { headers: { authorization: `Bearer ${token}` } })

function delivery(body = JSON.stringify(paidOrder(start))): Request {
  return new Request('http://localhost/hook', {
    method: 'POST',
    headers: { 'x-acme-signature': sign(body) },
    body,
  })
}

test('a drain is a handler of the Web standard', async () => {
  const { receiver, observed } = acmeReceiver({ consume: false })
  const webhooks = webWebhooks(receiver)
  webhooks.onEvent('order.paid', () => {})
  const drain = webhooks.drain({ secret: 'cron-secret' })
  await webhooks(delivery())
  expect((await drain(ask('guess'))).status).toBe(401)
  expect(observed.handled).toEqual([])
  const response = await drain(ask('cron-secret'))
  expect(response.headers.get('cache-control')).toBe('no-store')
  expect(await response.json()).toMatchObject({ handled: 1, more: false })
})

test('the platform is asked to wait before there is a reply: a sender that hangs up ends no work', async () => {
  const { receiver, observed } = acmeReceiver()
  const webhooks = webWebhooks(receiver)
  webhooks.onEvent('order.paid', () => {})
  const waitedFor: Promise<unknown>[] = []
  const replying = webhooks.fetch(
    delivery(),
    {},
    { waitUntil: (work: Promise<unknown>) => waitedFor.push(work) },
  )
  expect(waitedFor).toHaveLength(1)
  await Promise.all(waitedFor)
  expect(observed.handled).toHaveLength(1)
  expect((await replying).status).toBe(200)
})

test.each<[string, (context: object) => unknown[]]>([
  ['third, after its environment', (context) => [{ SECRET: 'x' }, context]],
  ['third, after an environment that it does not have', (context) => [undefined, context]],
  ['second', (context) => [context]],
  ['second, before something else', (context) => [context, { ip: '192.0.2.1' }]],
])('fetch finds the context of a platform that passes it %s, and asks it to wait', async (_, passed) => {
  const { receiver } = acmeReceiver()
  const waitUntil = vi.fn()
  await webWebhooks(receiver).fetch(delivery(), ...passed({ waitUntil }))
  expect(waitUntil).toHaveBeenCalledOnce()
})

test('under a load that never rests, a thousand requests are waited for at once, and others again later', async () => {
  const { receiver, send } = acmeReceiver({ handlerTimeout: 600_000 })
  let mayEnd = deferred()
  receiver.onEvent('order.paid', () => mayEnd.promise)
  await send({ id: 'evt_busy' })
  const webhooks = webWebhooks(receiver)
  let ended = 0
  const waitUntil = (work: Promise<unknown>) => void work.then(() => ended++)
  for (let number = 0; number < 1_010; number++)
    expect((await webhooks(delivery(), { waitUntil })).status).toBe(200)
  await nextTurn()
  expect(ended).toBe(10)
  mayEnd.resolve()
  await receiver.idle()
  await nextTurn()
  expect(ended).toBe(1_010)
  mayEnd = deferred()
  await send({ id: 'evt_later' })
  await webhooks(delivery(), { waitUntil })
  await nextTurn()
  expect(ended).toBe(1_010)
  mayEnd.resolve()
  await receiver.idle()
  await nextTurn()
  expect(ended).toBe(1_011)
})

test('a thousand waits that fail do not keep a later request from waiting', async () => {
  const idle = vi.fn(() => Promise.reject(new Error('the store is down')))
  const wait = idleForRequests({ idle })
  for (let number = 0; number < 1_000; number++) await wait().catch(() => {})
  await expect(wait()).rejects.toThrow('the store is down')
  expect(idle).toHaveBeenCalledTimes(1_001)
})

test('waitUntil wakes a drain after each delivery, where there is a route for drains', async () => {
  const { receiver, observed } = acmeReceiver({ consume: false })
  const webhooks = webWebhooks(receiver)
  webhooks.onEvent('order.paid', () => {})
  webhooks.drain({ secret: 'cron-secret' })
  const waitedFor: Promise<unknown>[] = []
  const response = await webhooks.fetch(
    delivery(),
    {},
    { waitUntil: (work: Promise<unknown>) => waitedFor.push(work) },
  )
  expect(response.status).toBe(200)
  await Promise.all(waitedFor)
  expect(observed.handled).toHaveLength(1)
})

test('deliveries that are refused have nobody asked for work: a stranger can not drain', async () => {
  const clock = manualClock(start)
  const behind = memoryInbox({ clock })
  const consume = vi.fn<Inbox['consume']>((...work) => behind.consume(...work))
  const { receiver } = acmeReceiver({ clock, inbox: inboxInFront(behind, { consume }), consume: false })
  const webhooks = webWebhooks(receiver)
  webhooks.onEvent('order.paid', () => {})
  webhooks.drain({ secret: 'cron-secret' })
  const waitedFor: Promise<unknown>[] = []
  const context = { waitUntil: (work: Promise<unknown>) => waitedFor.push(work) }
  const refused = [
    new Request('http://localhost/hook', { method: 'POST', body: '{}' }),
    new Request('http://localhost/hook', {
      method: 'POST',
      body: '{}',
      headers: { 'x-acme-signature': sign('{ }') },
    }),
    new Request('http://localhost/hook'),
  ]
  for (const request of refused) await webhooks(request, context)
  await Promise.all(waitedFor)
  expect(consume).not.toHaveBeenCalled()
  await webhooks(delivery(), context)
  await Promise.all(waitedFor)
  expect(consume).toHaveBeenCalledOnce()
})

test('a 503 leaves work too, where the delivery has events that were taken on: the platform is asked to wait for it', async () => {
  const behind = memoryInbox()
  const inbox = inboxInFront(behind, {
    put: (event, options) =>
      event.id === 'evt_lost' ? Promise.reject(new Error('full')) : behind.put(event, options),
  })
  const mayEnd = deferred()
  const { receiver } = acmeReceiver({ provider: acme({ secret: acmeSecret, body: 'events' }), inbox })
  const webhooks = webWebhooks(receiver)
  webhooks.onEvent('order.paid', () => mayEnd.promise)
  let isOver = false
  const waitUntil = (work: Promise<unknown>) => void work.then(() => (isOver = true))
  const body = JSON.stringify(['evt_kept', 'evt_lost'].map((id) => paidOrder(start, { id })))
  expect((await webhooks(delivery(body), { waitUntil })).status).toBe(503)
  await nextTurn()
  expect(isOver).toBe(false)
  mayEnd.resolve()
  await vi.waitFor(() => expect(isOver).toBe(true), 10_000)
})

test('a waitUntil that throws, as one that was taken off its context does, costs no delivery, and is told of once', async () => {
  const { receiver, observed, log } = acmeReceiver()
  const webhooks = webWebhooks(receiver)
  webhooks.onEvent('order.paid', () => {})
  const torn = {
    waitUntil() {
      throw new TypeError('Illegal invocation')
    },
  }
  for (let sent = 0; sent < 3; sent++) expect((await webhooks(delivery(), torn)).status).toBe(200)
  await receiver.idle()
  expect(observed.handled).toHaveLength(1)
  expect(log.at('error')).toMatchObject([{ message: expect.stringContaining('waitUntil failed') }])
})

test('a waitUntil that rejects is told of in the same way, and ends no process', async () => {
  const { receiver, log } = acmeReceiver()
  const webhooks = webWebhooks(receiver)
  const torn = { waitUntil: async () => Promise.reject(new TypeError('Illegal invocation')) }
  for (let sent = 0; sent < 3; sent++) expect((await webhooks(delivery(), torn)).status).toBe(200)
  await nextTurn() // a rejection that nobody handles would fail this run
  expect(log.at('error')).toMatchObject([{ message: expect.stringContaining('waitUntil failed') }])
})

test.each([
  [
    'can not be waited for any more',
    () => {
      throw new TypeError('Illegal invocation')
    },
  ],
  ['nobody listens to', () => {}],
])('work after a reply that %s may fail: the log says so, and no process ends', async (_, waitUntil) => {
  const { receiver, log } = acmeReceiver()
  const webhooks = webWebhooks(
    Object.assign(receiver, { idle: () => Promise.reject(new Error('the store is away')) }),
  )
  expect((await webhooks(delivery(), { waitUntil })).status).toBe(200)
  await nextTurn() // a rejection that nobody handles would fail this run
  expect(log.at('error').map(({ message }) => message)).toContain(
    'work after a reply failed: it is left to the next request',
  )
})
