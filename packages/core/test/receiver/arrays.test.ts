import { createHash } from 'node:crypto'
import { type Inbox, memoryInbox } from '@hookport/core'
import { inboxInFront } from '@hookport/core/testing'
import { emptyCounts } from '@hookport/testkit/inbox/event-records'
import { describe, expect, test } from 'vitest'
import { acme, acmeSecret, readAcmeEnvelope, signedPost } from '../support/acme.ts'
import { type AcmePayload, acmeReceiver, paidOrder, start } from '../support/acme-receiver.ts'

const arrays = acme({ secret: acmeSecret, body: 'events' })
const singles = acme({ secret: acmeSecret })
const received = { status: 200, body: '{"received":true}' }
const fourDaysMs = 4 * 24 * 60 * 60_000

const order = (id: string, event: Partial<AcmePayload> = {}) =>
  JSON.stringify(paidOrder(start, { id, ...event }))
const noEvent = '{ "id": "none" }'
const array = (...items: readonly string[]) => signedPost(`[${items.join(', ')}]`)

/** A receiver of arrays, and the ids that its handler saw. */
function receiving(options: Parameters<typeof acmeReceiver>[0] = {}) {
  const receiving = acmeReceiver({ provider: arrays, ...options })
  const handled: string[] = []
  receiving.receiver.onEvent('order.paid', ({ id }) => {
    handled.push(id)
  })
  return { ...receiving, handled }
}

/** A memory inbox that survives its receiver, and fails to put what `fails` says. */
function inboxThat(fails: (id: string) => boolean): Inbox {
  const inbox = memoryInbox()
  return inboxInFront(inbox, {
    close: async () => {},
    put: (event, options) =>
      fails(event.id) ? Promise.reject(new Error('full')) : inbox.put(event, options),
  })
}

describe('of several events in one body,', () => {
  test.each([
    [noEvent, 'it has no type'],
    ['7', 'it is not a JSON object'],
  ])('one that can not be read is held by itself, and its neighbours are handled: %s', async (one, why) => {
    const { receiver, handled } = receiving()
    expect(await receiver.receive(array(order('a'), one, order('b')))).toMatchObject(received)
    await receiver.idle()
    expect(handled).toEqual(['a', 'b'])
    const { items } = await receiver.inbox.list({ state: 'dead' })
    expect(items).toMatchObject([
      {
        id: createHash('sha256').update(one).digest('hex'),
        type: 'unreadable',
        failures: [{ message: expect.stringContaining(why) }],
      },
    ])
    const held = await receiver.inbox.get(items[0]?.key ?? '')
    expect(Buffer.from(held?.rawBody ?? []).toString()).toBe(one)
  })

  test('one that is stale is left out and told of, and the delivery is acknowledged for its neighbours', async () => {
    const { receiver, handled, observed, log } = receiving()
    const delivery = array(order('a'), order('old', { at: start - fourDaysMs }), order('b'))
    expect(await receiver.receive(delivery)).toMatchObject(received)
    await receiver.idle()
    expect(handled).toEqual(['a', 'b'])
    expect(observed.rejected).toMatchObject([{ code: 'stale_event', status: 200 }])
    expect(log.lines.map(({ message }) => message)).toContainEqual(
      expect.stringMatching(/^an event of the delivery is left out: the event was signed 345600 s ago/),
    )
    expect(await receiver.receive(delivery)).toMatchObject(received)
    expect(observed.duplicate.map(({ id }) => id)).toEqual(['a', 'b'])
  })

  test('none that is fresh makes a delivery that is refused', async () => {
    const { receiver, observed } = receiving()
    const old = { at: start - fourDaysMs }
    expect(await receiver.receive(array(order('a', old), order('b', old)))).toMatchObject({
      status: 400,
      body: '{"error":"stale_event"}',
    })
    expect(observed.rejected).toMatchObject([{ code: 'stale_event', status: 400 }])
    expect((await receiver.inbox.counts()).pending).toBe(0)
  })

  test('one that comes twice is one event, and its copy a duplicate', async () => {
    for (const acknowledge of ['on-receipt', 'after-handlers'] as const) {
      const { receiver, handled, observed } = receiving({ acknowledge })
      const delivery = array(order('a'), order('b'), order('a'), order('a', { data: { amount: 6 } }))
      expect(await receiver.receive(delivery), acknowledge).toMatchObject(received)
      await receiver.idle()
      expect(handled.sort()).toEqual(['a', 'b'])
      expect(observed.duplicate.map(({ id, conflict }) => [id, conflict])).toEqual([
        ['a', false],
        ['a', true],
      ])
      await receiver.stop()
    }
  })

  test('one that comes twice and whose handler fails is not tried twice for one delivery', async () => {
    const { receiver } = acmeReceiver({ provider: arrays, acknowledge: 'after-handlers' })
    let runs = 0
    receiver.onEvent('order.paid', () => {
      runs += 1
      throw new Error('not yet')
    })
    expect(await receiver.receive(array(order('a'), order('a')))).toMatchObject({ status: 500 })
    expect(runs).toBe(1)
  })

  test('of a sender that does not sign, one that can not be read is left out', async () => {
    const provider = acme({ allowUnsigned: true, body: 'events' })
    const { receiver, handled, observed } = receiving({ provider })
    expect(await receiver.receive(array(order('a'), noEvent))).toMatchObject(received)
    await receiver.idle()
    expect(handled).toEqual(['a'])
    expect(observed.rejected).toMatchObject([{ code: 'invalid_payload', status: 200 }])
    expect(await receiver.receive(array(noEvent))).toMatchObject({ status: 400 })
  })

  test('of a sender that does not sign, a body of more than 10,000 is refused before any of them is read', async () => {
    let reads = 0
    const provider = acme({
      allowUnsigned: true,
      body: 'events',
      readEnvelope(payload) {
        reads += 1
        return readAcmeEnvelope(payload)
      },
    })
    const { receiver } = receiving({ provider })
    const many = (count: number) => signedPost(`[${Array(count).fill('{}').join()}]`)
    expect(await receiver.receive(many(10_001))).toMatchObject({ status: 400 })
    expect(reads).toBe(0)
    expect(await receiver.receive(many(10_000))).toMatchObject({ status: 400 })
    expect(reads).toBeGreaterThan(0)
  })

  test('a signed body of more than it can have is held as a whole, and stays so where it is redriven', async () => {
    const { receiver, log } = receiving({ maxBodyBytes: 4_000_000 })
    const delivery = signedPost(`[${Array(1_000_000).fill('0').join()}]`)
    expect(await receiver.receive(delivery)).toMatchObject(received)
    const { items } = await receiver.inbox.list({ state: 'dead' })
    expect(items).toMatchObject([{ unreadable: true, failures: [{ code: 'unreadable' }] }])
    expect(log.at('error').at(-1)?.message).toContain('it has 1000000 events, and at most 40000')
    expect(await receiver.redrive(items[0]?.key ?? '')).toBe(true)
    await receiver.idle()
    expect(await receiver.inbox.counts()).toMatchObject({ dead: 1, pending: 0 })
  })

  test('the one is told that another attempt may mend, so that the sender makes it', async () => {
    const { receiver } = receiving({ inbox: inboxThat((id) => id === 'b') })
    const delivery = array(order('old', { at: start - fourDaysMs }), order('a'), order('b'))
    expect(await receiver.receive(delivery)).toMatchObject({ status: 503 })
  })

  test('with after-handlers, those that succeeded are not run again because a neighbour failed', async () => {
    const { receiver, observed } = acmeReceiver({ provider: arrays, acknowledge: 'after-handlers' })
    const runs: string[] = []
    receiver.onEvent('order.paid', ({ id }) => {
      runs.push(id)
      if (id === 'b' && runs.filter((run) => run === 'b').length === 1) throw new Error('not yet')
    })
    const delivery = array(order('a'), order('b'), order('c'))
    expect(await receiver.receive(delivery)).toMatchObject({ status: 500 })
    expect(await receiver.receive(delivery)).toMatchObject(received)
    expect(runs.sort()).toEqual(['a', 'b', 'b', 'c'])
    expect(observed.handled.map(({ id }) => id).sort()).toEqual(['a', 'b', 'c'])
  })
})

describe('an array that its definition took for one event,', () => {
  /** An inbox that holds the array as unreadable. */
  async function holding(items: readonly string[], inbox = inboxThat(() => false)) {
    const { receiver } = receiving({ inbox, provider: singles })
    expect(await receiver.receive(array(...items))).toMatchObject(received)
    const [held] = (await inbox.list({ state: 'dead' })).items
    await receiver.stop()
    return { inbox, key: held?.key ?? '' }
  }

  test('is redriven as all of its events, once each', async () => {
    const { inbox, key } = await holding([order('a'), order('b'), order('c')])
    const { receiver, handled } = receiving({ inbox })
    await receiver.receive(array(order('b')))
    await receiver.redrive(key)
    await receiver.idle()
    expect(handled.sort()).toEqual(['a', 'b', 'c'])
    expect(await inbox.counts()).toEqual(emptyCounts)
  })

  test('and is empty, ends as handled', async () => {
    const { inbox, key } = await holding([])
    const { receiver } = receiving({ inbox })
    await receiver.redrive(key)
    await receiver.idle()
    expect(await inbox.counts()).toEqual(emptyCounts)
  })

  test('is held whole for as long as one of its events can not be read', async () => {
    const { inbox, key } = await holding([order('a'), noEvent])
    const { receiver, handled } = receiving({ inbox })
    await receiver.redrive(key)
    await receiver.idle()
    expect(handled).toEqual([])
    expect(await inbox.get(key)).toMatchObject({
      state: 'dead',
      failures: [{ code: 'unreadable', message: 'it has no type' }],
    })
  })

  test('is lost to no failure of the inbox', async () => {
    let isFull = true
    const { inbox, key } = await holding(
      [order('a'), order('b')],
      inboxThat((id) => isFull && id === 'a'),
    )
    const { receiver, handled } = receiving({ inbox })
    await receiver.redrive(key)
    await receiver.idle()
    expect(await inbox.get(key)).toMatchObject({ state: 'dead', failures: [{ message: expect.any(String) }] })
    isFull = false
    await receiver.redrive(key)
    await receiver.idle()
    expect(handled.sort()).toEqual(['a', 'b'])
  })
})
