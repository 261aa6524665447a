import { setTimeout as sleep } from 'node:timers/promises'
import { createReceiver, defineProvider, memoryInbox } from '@hookport/core'
import { inboxInFront } from '@hookport/core/testing'
import { nextWebhooks, sematryxWebhooks } from '@hookport/next'
import { deferred } from '@hookport/testkit/deferred'
import { sematryxOptions, signedSematryx } from '@hookport/testkit/receivers/signed-deliveries'
import { after } from 'next/server.js'
import { beforeEach, expect, onTestFinished, test, vi } from 'vitest'

// What Next does with it is seen in test/conformance/next.test.ts, on a real server.
vi.mock('next/server.js', () => ({ after: vi.fn() }))
beforeEach(() => void vi.mocked(after).mockReset())

function webhooksOf(options: object = {}) {
  const webhooks = sematryxWebhooks({ ...sematryxOptions, ...options })
  onTestFinished(() => webhooks.stop())
  return webhooks
}

function request({ body, ...rest } = signedSematryx()): Request {
  return new Request('http://localhost/webhooks/sematryx', { ...rest, body: new Uint8Array(body) })
}

test('the function is kept alive until the handlers that run after the reply are done', async () => {
  const mayEnd = deferred()
  const webhooks = webhooksOf()
  let handled = false
  webhooks.onAnyEvent(async () => {
    await mayEnd.promise
    handled = true
  })
  expect((await webhooks.POST(request())).status).toBe(200)
  expect(handled).toBe(false)

  const [task] = vi.mocked(after).mock.calls[0] ?? []
  if (typeof task !== 'function') throw new Error('nothing was registered with after()')
  let over = false
  const keptAlive = Promise.resolve(task()).then(() => {
    over = true
  })
  await new Promise((resolve) => setImmediate(resolve))
  expect(over).toBe(false)
  mayEnd.resolve()
  await keptAlive
  expect(handled).toBe(true)
})

test('a delivery that is refused keeps no function alive: anybody may send one', async () => {
  const webhooks = webhooksOf()
  webhooks.onAnyEvent(() => {})
  const { headers: _, ...unsigned } = signedSematryx()
  expect((await webhooks.POST(request({ ...unsigned, headers: {} }))).status).toBe(401)
  expect((await webhooks.GET(new Request('http://localhost/webhooks/sematryx'))).status).toBe(405)
  const unsignedSender = webhooksOf({ secret: undefined, allowUnsigned: true })
  expect(
    (await unsignedSender.POST(request({ ...unsigned, headers: {}, body: Buffer.from('{') }))).status,
  ).toBe(400)
  expect(after).not.toHaveBeenCalled()
})

test('a 503 keeps it alive, where the delivery has events that were taken on', async () => {
  const behind = memoryInbox()
  const receiver = createReceiver({
    provider: defineProvider({
      ...{ name: 'acme', allowUnsigned: true, retryHorizon: 0, events: {}, body: 'events' },
      ...{ signatureHeaders: [], readSignature: () => 'missing' },
      readEnvelope: ({ id }) => ({ id: String(id), type: 'order.paid', createdAt: undefined }),
    }),
    inbox: inboxInFront(behind, {
      put: (event, options) =>
        event.id === 'lost' ? Promise.reject(new Error('full')) : behind.put(event, options),
    }),
    logger: false,
  })
  const webhooks = nextWebhooks(receiver)
  onTestFinished(() => webhooks.stop())
  const handled: string[] = []
  webhooks.onAnyEvent(async ({ id }) => {
    await sleep(20)
    handled.push(id)
  })
  const body = JSON.stringify([{ id: 'kept' }, { id: 'lost' }])
  const reply = await webhooks.POST(new Request('http://localhost/webhooks/acme', { method: 'POST', body }))
  expect({ status: reply.status, handled }).toEqual({ status: 503, handled: [] })
  for (const [task] of vi.mocked(after).mock.calls) await (task as () => Promise<void>)()
  expect(handled).toEqual(['kept'])
})

test('under a load that never rests, a thousand requests keep the process alive, and no more pile up', async () => {
  const mayEnd = deferred()
  const webhooks = webhooksOf({ handlerTimeout: 600_000 })
  webhooks.onAnyEvent(() => mayEnd.promise)
  for (let number = 0; number < 1_010; number++)
    expect((await webhooks.POST(request(signedSematryx({ id: `evt_${number}` })))).status).toBe(200)
  let ended = 0
  const tasks = vi.mocked(after).mock.calls.map(async ([task]) => {
    await (task as () => Promise<void>)()
    ended += 1
  })
  await new Promise((resolve) => setImmediate(resolve))
  expect(ended).toBe(10)
  mayEnd.resolve()
  await Promise.all(tasks)
  expect((await webhooks.POST(request(signedSematryx({ id: 'evt_later' })))).status).toBe(200)
})

test('outside a request of Next, where after() throws, deliveries are received all the same', async () => {
  vi.mocked(after).mockImplementation(() => {
    throw new Error('`after` was called outside a request scope')
  })
  const webhooks = webhooksOf()
  const handled: string[] = []
  webhooks.onAnyEvent(({ id }) => {
    handled.push(id)
  })
  expect((await webhooks.POST(request(signedSematryx({ id: 'evt_unit' })))).status).toBe(200)
  await webhooks.idle()
  expect(handled).toEqual(['evt_unit'])
})

test('after-handlers: everything is done when the reply is there', async () => {
  const webhooks = webhooksOf({ acknowledge: 'after-handlers' })
  const handled: string[] = []
  webhooks.onAnyEvent(({ id }) => {
    handled.push(id)
  })
  expect((await webhooks.POST(request(signedSematryx({ id: 'evt_unit' })))).status).toBe(200)
  expect(handled).toEqual(['evt_unit'])
})
