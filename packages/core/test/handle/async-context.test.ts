import { AsyncLocalStorage } from 'node:async_hooks'
import { memoryInbox } from '@hookport/core'
import { inboxInFront } from '@hookport/core/testing'
import { expect, test } from 'vitest'
import { acmeReceiver } from '../support/acme-receiver.ts'

const request = new AsyncLocalStorage<string>()

/** Of 20 deliveries at once, each in the context of its request: what handlers, observers and the log find there. */
async function contextsSeen(options: Parameters<typeof acmeReceiver>[0]): Promise<Set<string | undefined>> {
  const seen: [string, string | undefined][] = []
  const { receiver, send, clock } = acmeReceiver({
    concurrency: 2,
    observers: { handled: ({ id }) => void seen.push([id, request.getStore()]) },
    ...options,
  })
  receiver.onEvent('order.paid', async ({ id }, { attempt }) => {
    seen.push([id, request.getStore()])
    await new Promise((resolve) => setImmediate(resolve))
    seen.push([id, request.getStore()])
    if (attempt === 1 && Number(id.slice(4)) % 3 === 0) throw new Error('again')
  })
  const ids = Array.from({ length: 20 }, (_, at) => `evt_${at}`)
  await Promise.all(ids.map((id) => request.run(id, () => send({ id }))))
  await receiver.idle()
  await clock.advance(60_000)
  await receiver.idle()
  expect(new Set(seen.map(([id]) => id))).toEqual(new Set(ids))
  return new Set(seen.map(([id, found]) => (found === id ? 'its own' : found)))
}

test('a handler sees nothing of a request, its own or another’s: whoever put the event, and whenever it runs', async () => {
  expect(await contextsSeen({})).toEqual(new Set([undefined]))
})

test('a receiver that is made within a request does not keep its context', async () => {
  const seen = await request.run('the first request', () => contextsSeen({ inbox: memoryInbox() }))
  expect(seen).toEqual(new Set([undefined]))
})

test('what an inbox in front sets for a turn is there for its handlers', async () => {
  const inbox = memoryInbox()
  const turn = new AsyncLocalStorage<string>()
  const front = inboxInFront(inbox, {
    consume: (work, options) =>
      inbox.consume((attempt) => turn.run(attempt.event.id, () => work(attempt)), options),
  })
  const { receiver, send } = acmeReceiver({ inbox: front })
  const seen: unknown[] = []
  receiver.onEvent('order.paid', ({ id }) => void seen.push([id, turn.getStore(), request.getStore()]))
  await request.run('a request', () => send({ id: 'evt_1' }))
  await receiver.idle()
  expect(seen).toEqual([['evt_1', 'evt_1', undefined]])
})

test('after-handlers: a handler sees its own request, as it runs within it', async () => {
  const { receiver, send } = acmeReceiver({ acknowledge: 'after-handlers' })
  const seen: unknown[] = []
  receiver.onEvent('order.paid', ({ id }) => void seen.push([id, request.getStore()]))
  await Promise.all(['evt_1', 'evt_2'].map((id) => request.run(id, () => send({ id }))))
  expect(seen).toEqual([
    ['evt_1', 'evt_1'],
    ['evt_2', 'evt_2'],
  ])
})

test('a drain is part of the request that asks for it', async () => {
  const { receiver, send } = acmeReceiver({ consume: false })
  const seen: unknown[] = []
  receiver.onEvent('order.paid', () => void seen.push(request.getStore()))
  for (const id of ['evt_1', 'evt_2']) await request.run(id, () => send({ id }))
  await request.run('cron', () => receiver.drain())
  expect(seen).toEqual(['cron', 'cron'])
})
