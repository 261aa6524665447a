import { AsyncLocalStorage } from 'node:async_hooks'
import { subscribe, tracingChannel, unsubscribe } from 'node:diagnostics_channel'
import { expect, onTestFinished, test } from 'vitest'
import { silentLogger } from '../../src/contracts/logger.ts'
import { Instruments } from '../../src/observe/instruments.ts'
import { observeWith } from '../../src/observe/observe-with.ts'
import { acmeReceiver } from '../support/acme-receiver.ts'

function listenTo(name: string): unknown[] {
  const told: unknown[] = []
  const listener = (message: unknown) => void told.push(message)
  subscribe(name, listener)
  onTestFinished(() => void unsubscribe(name, listener))
  return told
}

test('each observation is published to the channel of its name', async () => {
  const names = [
    'accepted',
    'duplicate',
    'rejected',
    'handled',
    'failed',
    'dead',
    'parked',
    'redriven',
  ] as const
  const told = Object.fromEntries(names.map((name) => [name, listenTo(`hookport:${name}`)]))
  const { receiver, send, clock, observed } = acmeReceiver({ retry: { attempts: 2, jitter: 0 } })
  receiver.onEvent('order.paid', (_, { attempt }) => {
    if (broken) throw new Error(`attempt ${attempt}`)
  })
  let broken = true
  await send()
  await send()
  await send({ id: 'evt_2', type: 'order.unknown' })
  await send({ id: 'old', at: 0 })
  await receiver.idle()
  await clock.advance(1_000)
  await receiver.idle()
  broken = false
  await receiver.redrive('acme:evt_1')
  await receiver.idle()
  for (const name of names) expect([name, told[name]]).toEqual([name, observed[name]])
  for (const name of names) expect(told[name]).not.toEqual([])
})

test('deliveries and handlers are traced, with what came of them', async () => {
  const { receiver, send } = acmeReceiver({ retry: { attempts: 1 } })
  const deliveries = listenTo('tracing:hookport:delivery:asyncEnd')
  const failures = listenTo('tracing:hookport:handler:error')
  receiver.onEvent('order.paid', async () => {
    throw new Error('broken')
  })
  await send()
  await receiver.idle()
  expect(deliveries).toMatchObject([{ method: 'POST', source: 'acme', result: { status: 200 } }])
  expect(failures).toMatchObject([
    { key: 'acme:evt_1', handler: 'onEvent(order.paid)#0', attempt: 1, error: { message: 'broken' } },
  ])
})

test('a store that is bound to the channel is the context that a handler runs in', async () => {
  const { receiver, send } = acmeReceiver()
  const context = new AsyncLocalStorage<string>()
  const { start } = tracingChannel<string, { id: string }>('hookport:handler')
  start.bindStore(context, ({ id }) => id)
  onTestFinished(() => void start.unbindStore(context))
  const seen: unknown[] = []
  receiver.onEvent('order.paid', async () => {
    await Promise.resolve()
    seen.push(context.getStore())
  })
  await send()
  await receiver.idle()
  expect(seen).toEqual(['evt_1'])
})

test('nothing is put together for a channel that nobody listens to', () => {
  const observe = observeWith({}, silentLogger, new Instruments(silentLogger))
  const made: string[] = []
  const observation = () => {
    made.push('redriven')
    return { key: 'acme:evt_1' }
  }
  observe('redriven', observation)
  expect(made).toEqual([])
  const told = listenTo('hookport:redriven')
  observe('redriven', observation)
  expect(told).toEqual([{ key: 'acme:evt_1' }])
})
