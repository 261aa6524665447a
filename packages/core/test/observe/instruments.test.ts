import type { HandlerUnderWay, Instrument } from '@hookport/core'
import { describe, expect, test } from 'vitest'
import { acme } from '../support/acme.ts'
import { acmeReceiver } from '../support/acme-receiver.ts'

const trace = { traceparent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`, tracestate: 'vendor=1' }

describe('an instrument', () => {
  test('surrounds a delivery, and learns its reply', async () => {
    const { receiver, send } = acmeReceiver()
    const seen: unknown[] = []
    receiver.instrument({
      async delivery({ method, url, provider, source, headers }, receive) {
        seen.push({ method, url, provider, source, signed: headers.get('x-acme-signature') !== null })
        seen.push((await receive()).status)
      },
    })
    expect(await send()).toMatchObject({ status: 200 })
    expect(seen).toEqual([
      { method: 'POST', url: expect.any(String), provider: 'acme', source: 'acme', signed: true },
      200,
    ])
  })

  test('has its trace kept with the event, and handed to what surrounds each attempt of a handler', async () => {
    const { receiver, send, clock } = acmeReceiver({ retry: { attempts: 2, jitter: 0 } })
    const runs: HandlerUnderWay[] = []
    receiver.instrument({
      delivery: (_, receive) => receive(trace),
      handler(run, handle) {
        runs.push(run)
        return handle()
      },
    })
    receiver.onEvent(
      'order.paid',
      (_, { attempt }) => (attempt === 1 ? Promise.reject(new Error('not yet')) : undefined),
      { name: 'save' },
    )
    await send()
    await receiver.idle()
    expect(await receiver.inbox.get('acme:evt_1')).toMatchObject({ trace })
    await clock.advance(1_000)
    await receiver.idle()
    const run = {
      provider: 'acme',
      source: 'acme',
      tenant: undefined,
      id: 'evt_1',
      type: 'order.paid',
      key: 'acme:evt_1',
    }
    const handler = 'onEvent(order.paid):save'
    expect(runs).toEqual([
      { ...run, handler, attempt: 1, trace },
      { ...run, handler, attempt: 2, trace },
    ])
  })

  test('has its trace kept whatever others give: of two traces the one of the outer', async () => {
    const { receiver, send } = acmeReceiver({ consume: false })
    const giving = (given?: typeof trace): Instrument => ({ delivery: (_, receive) => receive(given) })
    const inner = { ...trace, tracestate: 'inner=1' }
    for (const instrument of [giving(), giving(inner), giving(), giving(trace), giving()])
      receiver.instrument(instrument)
    await send()
    expect((await receiver.inbox.get('acme:evt_1'))?.trace).toEqual(trace)
  })

  test('keeps nothing with the event where it gives no trace', async () => {
    const { receiver, send } = acmeReceiver({ consume: false })
    receiver.instrument({ delivery: (_, receive) => receive() })
    await send()
    expect((await receiver.inbox.get('acme:evt_1'))?.trace).toBeUndefined()
  })

  test('learns how a handler failed, and when its time was up', async () => {
    const { receiver, send, clock } = acmeReceiver({ handlerTimeout: 500, retry: { attempts: 1 } })
    const ends: unknown[] = []
    receiver.instrument({
      handler: (_, handle) => Promise.resolve(handle()).catch((error: Error) => ends.push(error.name)),
    })
    receiver.onEvent('order.paid', () => new Promise(() => {}))
    await send()
    const idle = receiver.idle()
    await clock.advance(500)
    await idle
    expect(ends).toEqual(['HandlerTimeoutError'])
    expect(await receiver.inbox.counts()).toMatchObject({ dead: 1 })
  })

  test('is told observations beside the observers of the options, until it is taken away', async () => {
    const { receiver, send, observed } = acmeReceiver({ consume: false })
    const ids: string[] = []
    const takeAway = receiver.instrument({ observers: { accepted: ({ id }) => ids.push(id) } })
    await send({ id: 'evt_1' })
    takeAway()
    await send({ id: 'evt_2' })
    expect(ids).toEqual(['evt_1'])
    expect(observed.accepted).toHaveLength(2)
  })

  test('added later is the outer one', async () => {
    const { receiver, send } = acmeReceiver({ consume: false })
    const order: string[] = []
    const named = (name: string): Instrument => ({
      delivery: async (_, receive) => {
        order.push(`${name} begins`)
        await receive()
        order.push(`${name} ends`)
      },
    })
    receiver.instrument(named('inner'))
    receiver.instrument(named('outer'))
    await send()
    expect(order).toEqual(['outer begins', 'inner begins', 'inner ends', 'outer ends'])
  })
})

/** Does the work, and answers a promise of another library, which fails. */
function failing(work: () => unknown): object {
  work()
  // biome-ignore lint/suspicious/noThenProperty: as such a library makes one
  return { then: (_: unknown, fail: (error: Error) => void) => fail(new Error('broken')) }
}

describe('an instrument that is broken changes nothing, and the log says so', () => {
  const broken: Record<string, Instrument> = {
    'it throws before': {
      delivery() {
        throw new Error('broken')
      },
      handler() {
        throw new Error('broken')
      },
    },
    'it throws after': {
      async delivery(_, receive) {
        await receive()
        throw new Error('broken')
      },
      async handler(_, handle) {
        await handle()
        throw new Error('broken')
      },
    },
    'it throws as a promise of another library': {
      delivery: (_, receive) => failing(receive),
      handler: (_, handle) => failing(handle),
    },
    'it answers something else': {
      delivery: (_, receive) => receive().then(() => ({ status: 418 })),
      handler: (_, handle) => Promise.resolve(handle()).then(() => 'nothing'),
    },
    'it calls twice': {
      delivery: (_, receive) => Promise.all([receive(), receive()]),
      handler: (_, handle) => Promise.all([handle(), handle()]),
    },
    'it never calls': { delivery: () => {}, handler: () => {} },
  }

  test.each(Object.entries(broken))('%s', async (name, instrument) => {
    const { receiver, send, observed, log } = acmeReceiver()
    let runs = 0
    receiver.instrument(instrument)
    receiver.onEvent('order.paid', async () => {
      runs += 1
    })
    expect(await send()).toMatchObject({ status: 200 })
    await receiver.idle()
    await new Promise((resolve) => setImmediate(resolve))
    expect(runs).toBe(1)
    expect(observed.handled).toHaveLength(1)
    const complaints = log.lines.filter(({ message }) => message === 'an instrument threw')
    expect(complaints).toHaveLength(name.includes('throws') ? 2 : 0)
  })
})

test('a handler that fails fails as without an instrument, and the log blames no instrument', async () => {
  const { receiver, send, observed, log } = acmeReceiver({ retry: { attempts: 1 } })
  receiver.instrument({ handler: (_, handle) => handle() })
  receiver.onEvent('order.paid', () => {
    throw new Error('of the handler')
  })
  await send()
  await receiver.idle()
  expect(observed.dead).toMatchObject([{ failures: [{ message: 'of the handler' }] }])
  expect(log.lines.filter(({ message }) => message === 'an instrument threw')).toEqual([])
})

test('what cannot be read keeps its trace, and what a redrive reads out of it has it too', async () => {
  let readable = false
  const provider = acme()
  const { receiver, send } = acmeReceiver({
    consume: false,
    provider: {
      ...provider,
      readPayload(body) {
        if (!readable) throw new Error('not yet')
        return provider.readPayload(body)
      },
    },
  })
  receiver.instrument({ delivery: (_, receive) => receive(trace) })
  await send()
  const { items } = await receiver.inbox.list({ state: 'dead' })
  expect(items).toMatchObject([{ unreadable: true, trace }])
  readable = true
  await receiver.redriveAll()
  const runs: HandlerUnderWay[] = []
  receiver.instrument({
    handler(run, handle) {
      runs.push(run)
      return handle()
    },
  })
  receiver.onEvent('order.paid', () => {})
  await receiver.drain()
  expect(runs).toMatchObject([{ id: 'evt_1', trace }])
})
