import { type Inbox, memoryInbox } from '@hookport/core'
import { type InspectorOptions, inspector } from '@hookport/inspector'
import { sqliteInbox } from '@hookport/sqlite'
import { eventRecord } from '@hookport/testkit/inbox/event-records'
import { temporaryFolder } from '@hookport/testkit/temporary-folder'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { failAll, failure, keptInbox, putDead, putPending } from './support/kept-inbox.ts'
import { Visitor } from './support/visitor.ts'

const visitorOf = (inbox: Inbox) => new Visitor(inspector(inbox, { authorize: () => true }))

async function idsOf(visitor: Visitor, query: Record<string, string>): Promise<string[]> {
  const { value } = await visitor.ask('events', query)
  return value.items.map(({ id }: { id: string }) => id)
}

describe('the list', () => {
  test('has the latest first, with its state and why it failed', async () => {
    const { value } = await visitorOf(await keptInbox()).ask('events')
    expect(value.items.map(({ id }: { id: string }) => id)).toEqual(['evt_waits', 'evt_dead_2', 'evt_dead_1'])
    expect(value.items[1]).toMatchObject({
      state: 'dead',
      tenant: 'acme-eu',
      type: 'order.cancelled',
      failure: { handler: failure.handler, code: failure.code, message: failure.message },
    })
    expect(value.items[0].failure).toBeUndefined()
  })

  test('is filtered by state, type, source, tenant, text in the id and time', async () => {
    const inbox = memoryInbox()
    await putDead(inbox, { id: 'one', receivedAt: 100 })
    await putPending(inbox, { id: 'two', receivedAt: 200, type: 'order.cancelled', tenant: 'eu' })
    await putPending(inbox, { id: 'three', receivedAt: 300, source: 'other' })
    const visitor = visitorOf(inbox)
    expect(await idsOf(visitor, { state: 'pending' })).toEqual(['three', 'two'])
    expect(await idsOf(visitor, { type: 'order.cancelled' })).toEqual(['two'])
    expect(await idsOf(visitor, { source: 'other' })).toEqual(['three'])
    expect(await idsOf(visitor, { tenant: 'eu' })).toEqual(['two'])
    expect(await idsOf(visitor, { id: 'o' })).toEqual(['two', 'one'])
    expect(await idsOf(visitor, { from: '200' })).toEqual(['three', 'two'])
    expect(await idsOf(visitor, { before: '200' })).toEqual(['one'])
    for (const query of [{ state: 'broken' }, { from: 'soon' }, { from: '-1' }])
      expect((await visitor.ask('events', query)).status).toBe(400)
  })

  test('goes on page by page, and says the keys of all that match, the oldest first', async () => {
    const inbox = memoryInbox()
    const ids = Array.from({ length: 120 }, (_, index) => `evt_${index}`)
    for (const id of ids) await putDead(inbox, { id })
    const visitor = visitorOf(inbox)
    const found: string[] = []
    let cursor = ''
    do {
      const { value } = await visitor.ask('events', { cursor })
      expect(value.items.length).toBeLessThanOrEqual(50)
      found.push(...value.items.map(({ id }: { id: string }) => id))
      cursor = value.cursor ?? ''
    } while (cursor !== '')
    expect(found).toEqual(ids.toReversed())
    const { value } = await visitor.ask('keys', { state: 'dead', id: 'evt_1' })
    expect(value.keys).toEqual(ids.filter((id) => id.includes('evt_1')).map((id) => `acme:${id}`))
  })

  test.each(['keys', 'chart'])(
    'reads a few events in one call, as their failures may be long: %s',
    async (asked) => {
      const inbox = memoryInbox()
      for (let index = 0; index < 450; index++) await putDead(inbox, { id: `evt_${index}` })
      const list = vi.spyOn(inbox, 'list')
      expect((await visitorOf(inbox).ask(asked, { state: 'dead' })).status).toBe(200)
      expect(list.mock.calls.map(([filter]) => filter?.limit)).toEqual([200, 200, 200])
    },
  )

  test('says what is wrong with a cursor that the inbox has not answered, as of the other parameters', async () => {
    const { status, value } = await visitorOf(memoryInbox()).ask('events', { cursor: 'cut off' })
    expect(status).toBe(400)
    expect(value.message).toContain('cursor is "cut off"')
  })

  test('fills its pages where a store looks at few events in one call, and gives up in time where it finds none', async () => {
    const path = `${temporaryFolder()}/inbox.db`
    const inbox = sqliteInbox({ path })
    const put = (index: number) =>
      inbox.put(eventRecord({ id: `evt_${index}`, type: index % 4_000 === 0 ? 'rare' : 'common' }), {
        rememberMs: 60_000,
      })
    // All at once would be too many for a busy machine.
    for (let first = 0; first < 12_000; first += 500)
      await Promise.all(Array.from({ length: 500 }, (_, index) => put(first + index)))
    const one = await inbox.list({ type: 'rare', newestFirst: true })
    expect(one).toMatchObject({ items: [{ id: 'evt_8000' }], cursor: expect.any(String) })
    expect(await idsOf(visitorOf(inbox), { type: 'rare' })).toEqual(['evt_8000', 'evt_4000', 'evt_0'])
    await inbox.close()

    let at = 0
    vi.spyOn(performance, 'now').mockImplementation(() => {
      at += 400
      return at
    })
    const endless = { ...memoryInbox(), list: async () => ({ items: [], cursor: 'more' }) } as Inbox
    const { value } = await visitorOf(Object.assign(memoryInbox(), endless)).ask('events')
    expect(value).toEqual({ items: [], cursor: 'more' })
    vi.restoreAllMocks()
  })
})

describe('one event', () => {
  test('is shown with its failures, attempts and exact bytes', async () => {
    const inbox = memoryInbox()
    const rawBody = Buffer.from([0x7b, 0x22, 0x61, 0x22, 0x3a, 0xff, 0x7d])
    const request = { url: '/webhooks/acme?x=1', headers: { 'x-acme-topic': 'orders' } }
    const key = await putDead(inbox, { id: 'evt_1', rawBody, request, orderKey: 'run-7' })
    const { value } = await visitorOf(inbox).ask('event', { key })
    expect(value).toMatchObject({ key, state: 'dead', failures: [failure], request, orderKey: 'run-7' })
    expect(Buffer.from(value.body.base64, 'base64')).toEqual(rawBody)
    const response = await visitorOf(inbox).visit(`/api/body?key=${key}`)
    expect(Buffer.from(await response.arrayBuffer())).toEqual(rawBody)
    expect(response.headers.get('content-type')).toBe('application/octet-stream')
    expect(response.headers.get('content-disposition')).toMatch(/^attachment/)
  })

  test('with a body of a mebibyte is shown with every byte of it', async () => {
    const inbox = memoryInbox()
    const rawBody = Buffer.from(Uint8Array.from({ length: 1_048_576 }, (_, at) => at % 251))
    const key = await putDead(inbox, { rawBody })
    const { status, value } = await visitorOf(inbox).ask('event', { key })
    expect(status).toBe(200)
    expect(Buffer.from(value.body.base64, 'base64').equals(rawBody)).toBe(true)
  })

  test('that waits its turn is shown with the events of its order key that come first: who holds the key, then by when they happened', async () => {
    const inbox = memoryInbox()
    const order = { orderKey: 'acme:run-7' }
    const receivedAt = Date.now()
    const first = await putPending(inbox, { ...order, id: 'evt_first', createdAt: 900 })
    await failAll(inbox, 'acme')
    const last = await putPending(inbox, {
      ...order,
      id: 'evt_last',
      createdAt: 500,
      orderRank: 2,
      receivedAt,
    })
    const middle = await putPending(inbox, {
      ...order,
      id: 'evt_middle',
      createdAt: 500,
      orderRank: 1,
      receivedAt,
    })
    const oldest = await putPending(inbox, { ...order, id: 'evt_oldest', createdAt: 100 })
    const alike = await putPending(inbox, { ...order, id: 'evt_alike', createdAt: 100 })
    await putPending(inbox, { orderKey: 'acme:run-8', id: 'evt_other', createdAt: 1 })
    await putPending(inbox, { ...order, id: 'evt_elsewhere', source: 'elsewhere', createdAt: 1 })
    const unordered = await putPending(inbox, { id: 'evt_unordered', createdAt: 1 })
    const visitor = visitorOf(inbox)
    const aheadOf = async (key: string) => (await visitor.ask('event', { key })).value.ahead
    const { events, isComplete } = await aheadOf(last)
    expect(events.map(({ key, state }: { key: string; state: string }) => [key, state])).toEqual([
      [first, 'scheduled'],
      [oldest, 'pending'],
      [alike, 'pending'],
      [middle, 'pending'],
    ])
    expect(isComplete).toBe(true)
    expect((await aheadOf(oldest)).events).toMatchObject([
      { id: 'evt_first', type: expect.any(String), dueAt: expect.any(Number) },
    ])
    expect((await aheadOf(alike)).events.map(({ id }: { id: string }) => id)).toEqual([
      'evt_first',
      'evt_oldest',
    ])
    expect(await aheadOf(first)).toBeUndefined()
    expect(await aheadOf(unordered)).toBeUndefined()
  })

  test('that waits behind more than twenty, or among a thousand others, has the first of them, and is said to have more', async () => {
    const inbox = memoryInbox()
    const key = await putPending(inbox, { id: 'evt_last', orderKey: 'acme:run-7', createdAt: 500 })
    for (let number = 1; number <= 21; number += 1)
      await putPending(inbox, { id: `evt_${number}`, orderKey: 'acme:run-7', createdAt: number })
    const { value } = await visitorOf(inbox).ask('event', { key })
    const ids = value.ahead.events.map(({ id }: { id: string }) => id)
    expect(ids).toEqual(Array.from({ length: 20 }, (_, index) => `evt_${index + 1}`))
    expect(value.ahead.isComplete).toBe(false)
    const crowded = memoryInbox()
    for (let number = 1; number <= 1_000; number += 1) await putPending(crowded, { id: `evt_${number}` })
    const alone = await putPending(crowded, { id: 'evt_alone', orderKey: 'acme:run-7' })
    const answer = await visitorOf(crowded).ask('event', { key: alone })
    expect(answer.value.ahead).toEqual({ events: [], isComplete: false })
  })

  test('that is gone is said to be', async () => {
    const visitor = visitorOf(memoryInbox())
    for (const name of ['event', 'body']) {
      expect(await visitor.ask(name, { key: 'acme:gone' })).toMatchObject({
        status: 404,
        value: { error: 'no_such_event' },
      })
      expect((await visitor.ask(name)).status).toBe(400)
    }
  })
})

describe('at a glance', () => {
  test('are the counts, of all or of one owner, and since when the oldest waits', async () => {
    const inbox = await keptInbox()
    const receivedAt = 1_700_000_000_000
    const visitor = visitorOf(inbox)
    const { value } = await visitor.ask('standing')
    const [waits] = (await inbox.list({ state: 'pending' })).items
    expect(value).toMatchObject({ counts: { dead: 2, pending: 1 }, oldestPendingAt: waits?.receivedAt })
    expect((await visitor.ask('standing', { tenant: 'acme-eu' })).value).toMatchObject({
      counts: { dead: 1, pending: 0 },
      oldestPendingAt: null,
    })
    await putPending(inbox, { id: 'evt_other', source: 'other', receivedAt })
    expect((await visitor.ask('standing', { source: 'other' })).value.oldestPendingAt).toBe(receivedAt)
  })

  test('is what came in within the last hour, by minute and by the state that it is in now', async () => {
    const inbox = memoryInbox()
    const minute = Math.floor(Date.now() / 60_000) * 60_000
    await putDead(inbox, { id: 'long_ago', receivedAt: minute - 60 * 60_000 })
    await putDead(inbox, { id: 'first', receivedAt: minute - 59 * 60_000 })
    await putDead(inbox, { id: 'ten_minutes', receivedAt: minute - 10 * 60_000 + 59_999 })
    await putPending(inbox, { id: 'now', receivedAt: minute })
    const { value } = await visitorOf(inbox).ask('chart')
    const at = (state: string) =>
      value.series[state].flatMap((number: number, index: number) => (number > 0 ? [[index, number]] : []))
    expect(value).toMatchObject({ from: minute - 59 * 60_000, isComplete: true })
    expect(at('dead')).toEqual([
      [0, 1],
      [49, 1],
    ])
    expect(at('pending')).toEqual([[59, 1]])
  })

  test('is what came in of one owner, however much came in of others after that', async () => {
    const inbox = sqliteInbox({ path: `${temporaryFolder()}/webhooks.db` })
    onTestFinished(() => inbox.close())
    await putDead(inbox, { id: 'evt_mine', source: 'mine' })
    await putPending(inbox, { id: 'evt_waits', source: 'mine' })
    for (
      let from = 0;
      from < 5_100;
      from += 100 // a store that is slow refuses what waits in line for too long
    )
      await Promise.all(
        Array.from({ length: 100 }, (_, index) => putDead(inbox, { id: `evt_${from + index}` })),
      )
    const chart = async (query: Record<string, string>) => (await visitorOf(inbox).ask('chart', query)).value
    const sum = (series: readonly number[]) => series.reduce((total, number) => total + number, 0)
    const { series, isComplete } = await chart({ source: 'mine' })
    expect([sum(series.dead), sum(series.pending), isComplete]).toEqual([1, 1, true])
    const ofAll = await chart({})
    expect([sum(ofAll.series.dead), sum(ofAll.series.pending), ofAll.isComplete]).toEqual([5_101, 1, true])
  })

  test('is asked of the store once for many that look', async () => {
    const inbox = await keptInbox()
    const counts = vi.spyOn(inbox, 'counts')
    const visitor = visitorOf(inbox)
    await Promise.all([visitor.ask('standing'), visitor.ask('standing'), visitor.ask('standing')])
    await visitor.ask('standing')
    expect(counts).toHaveBeenCalledTimes(1)
  })

  test('a change is seen at once', async () => {
    const visitor = await visitorOf(await keptInbox()).open()
    await visitor.ask('standing')
    await visitor.send('discard', { keys: ['acme:evt_dead_1'] })
    expect((await visitor.ask('standing')).value.counts.dead).toBe(1)
  })
})

describe('several inboxes', () => {
  test('are shown one at a time, each with its receivers, and never by an address that may hold a password', async () => {
    const inboxes = [await keptInbox(), Object.assign(memoryInbox(), { store: 'redis://:secret@host' })]
    const visitor = new Visitor(inspector(inboxes, { authorize: () => true }))
    const session = await visitor.ask('session')
    expect(session.value.stores.map(({ title }: { title: string }) => title)).toEqual([
      'memory 1',
      'memory 2',
    ])
    expect(JSON.stringify(session.value)).not.toContain('secret')
    expect(await idsOf(visitor, { store: '1' })).toEqual([])
    expect(await idsOf(visitor, { store: '0' })).toHaveLength(3)
    expect((await visitor.ask('events', { store: '2' })).status).toBe(404)
  })

  test('that are one store are shown as one', async () => {
    const inbox = await keptInbox()
    const { value } = await new Visitor(inspector([inbox, inbox], { authorize: () => true })).ask('session')
    expect(value.stores).toHaveLength(1)
  })
})

describe('receipts of an event', () => {
  const asked = async (receipts: InspectorOptions['receipts'], isLocked = false) => {
    const inbox = memoryInbox()
    const key = await putDead(inbox)
    const page = inspector(inbox, { receipts, ...(!isLocked && { authorize: () => true }) })
    return new Visitor(page).ask('event', { key })
  }
  const book = (...names: string[]) => ({ receipts: async () => names })

  test('are shown, of all that keep some', async () => {
    const { value } = await asked([book('save'), book('mail', 'save')])
    expect(value.receipts).toEqual(['save', 'mail'])
  })

  test('are none where nobody keeps any, and unknown where a database fails: the event is there', async () => {
    expect((await asked(undefined)).value).not.toHaveProperty('receipts')
    const failing = { receipts: () => Promise.reject(new Error('down')) }
    expect((await asked(failing)).value).toMatchObject({ receipts: null, state: 'dead' })
  })

  test('are unknown where a database does not answer: the event is there, in the time that a viewer waits', async () => {
    vi.useFakeTimers()
    onTestFinished(() => void vi.useRealTimers())
    const answer = asked([book('save'), { receipts: () => new Promise<never>(() => {}) }])
    await vi.advanceTimersByTimeAsync(5_000)
    expect(await answer).toMatchObject({ status: 200, value: { receipts: null, id: expect.any(String) } })
    expect(vi.getTimerCount()).toBe(0)
  })

  test('are asked for by nobody who is not let in', async () => {
    const receipts = vi.fn(async () => ['save'])
    expect((await asked({ receipts }, true)).status).toBe(401)
    expect(receipts).not.toHaveBeenCalled()
  })

  test('of what is not of onceIn are refused', () => {
    expect(() => inspector(memoryInbox(), { receipts: {} as never })).toThrow('onceIn')
  })
})
