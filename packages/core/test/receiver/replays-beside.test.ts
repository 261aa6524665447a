import { type EventSummary, type Inbox, memoryInbox, replayEvents } from '@hookport/core'
import { inboxInFront, manualClock } from '@hookport/core/testing'
import { emptyCounts } from '@hookport/testkit/inbox/event-records'
import { describe, expect, test, vi } from 'vitest'
import { acmeReceiver, start } from '../support/acme-receiver.ts'

// What a replay does by itself: replayed.test.ts.

const fast = { perSecond: Number.POSITIVE_INFINITY }

/** A receiver that has handled so many events and keeps them. */
async function withHandled(count: number, options: Parameters<typeof acmeReceiver>[0] = {}) {
  const made = acmeReceiver({ keepHandledFor: 3_600_000, retry: { jitter: 0 }, ...options })
  const ran: string[] = []
  const fails = { save: false }
  made.receiver.onEvent(
    'order.paid',
    ({ id }) => {
      ran.push(`save ${id}`)
      if (fails.save) throw new Error('broken')
    },
    { name: 'save' },
  )
  made.receiver.onEvent('order.paid', ({ id }) => void ran.push(`mail ${id}`), { name: 'mail' })
  for (let sent = 0; sent < count; sent++) await made.send({ id: `evt_${sent}` })
  await made.receiver.idle()
  ran.length = 0
  return { ...made, ran, fails }
}

/** An inbox that does what the test says in place of replaying an event, and its list of filters. */
function watched(replay?: (key: string, inbox: Inbox) => boolean | undefined) {
  const clock = manualClock(start)
  const memory = memoryInbox({ clock })
  const list = vi.fn(memory.list.bind(memory))
  const inbox = inboxInFront(memory, {
    list,
    replay: async (key, options) => replay?.(key, memory) ?? memory.replay(key, options),
  })
  return { inbox, list, clock }
}

test('an event that could not be made pending is passed over, no observer is told of it, and the replay is not complete', async () => {
  const { inbox, clock } = watched((key) => (key === 'acme:evt_1' ? false : undefined))
  const { receiver, observed } = await withHandled(3, { inbox, clock })
  expect(await receiver.replay(fast)).toMatchObject({ replayed: 2, passedOver: 1, isComplete: false })
  expect(observed.replayed.map(({ key }) => key)).toEqual(['acme:evt_0', 'acme:evt_2'])
})

test('an inbox is asked for what the request says, and for nothing that it leaves out', async () => {
  const { inbox, list, clock } = watched()
  const { receiver } = await withHandled(1, { inbox, clock })
  list.mockClear()
  await receiver.replay({ ...fast, dryRun: true })
  await replayEvents({ ...fast, dryRun: true }, { inbox, clock })
  await receiver.replay({ ...fast, dryRun: true, type: 'order.paid', tenant: 'a', from: 5, to: new Date(9) })
  await receiver.redriveAll({})
  const [all, bare, some, dead] = list.mock.calls.map(([filter]) => filter)
  const handled = { state: 'handled', limit: 500, receivedBefore: start + 1 }
  expect(all).toStrictEqual({ ...handled, source: 'acme' })
  expect(bare).toStrictEqual(handled)
  const asked = { type: 'order.paid', tenant: 'a', receivedFrom: 5, receivedBefore: 9 }
  expect(some).toStrictEqual({ ...handled, source: 'acme', ...asked })
  expect(dead).toStrictEqual({ state: 'dead', source: 'acme', limit: 500 })
})

test('events of another receiver on the same inbox are left alone', async () => {
  const clock = manualClock(start)
  const inbox = memoryInbox({ clock })
  const one = await withHandled(1, { inbox, clock, name: 'one' })
  const other = await withHandled(2, { inbox, clock, name: 'other' })
  expect(await other.receiver.replay(fast)).toMatchObject({ replayed: 2, passedOver: 0 })
  await other.receiver.idle()
  await one.receiver.idle()
  expect([one.ran.length, other.ran.length]).toEqual([0, 4])
})

test('a replay by a process without receivers is checked, too: an id is a text, a limit may be Infinity', async () => {
  const { receiver, clock } = await withHandled(1)
  const { inbox } = receiver
  const replay = async (request: object) => replayEvents({ ...fast, ...request }, { inbox, clock })
  await expect(replay({ dryrun: true })).rejects.toThrow(/did you mean replay\.dryRun\?/)
  await expect(replay({ id: 5 })).rejects.toThrow(/id is 5; it must be 1 to 100 letters/)
  expect(await replay({ limit: Number.POSITIVE_INFINITY })).toMatchObject({ replayed: 1, isComplete: true })
})

describe('a dry run', () => {
  test('waits for nothing, however slow the replay would be', async () => {
    const { receiver, ran } = await withHandled(20)
    expect(await receiver.replay({ perSecond: 1, dryRun: true })).toMatchObject({
      replayed: 20,
      isComplete: true,
    })
    await receiver.idle()
    expect(ran).toEqual([])
  })

  test('reads the handled events once, and says how many there are now, whatever else is under way', async () => {
    const { receiver } = await withHandled(3)
    await receiver.pause({ reason: 'so that what is replayed stays under way' })
    await receiver.replay({ ...fast, limit: 1 })
    const list = vi.spyOn(receiver.inbox, 'list')
    expect(await receiver.replay({ ...fast, dryRun: true })).toMatchObject({ replayed: 2, isComplete: true })
    expect(list).toHaveBeenCalledOnce()
  })
})

describe('while another replay is under way', () => {
  test('whose events wait for a retry, a replay is not complete', async () => {
    const { receiver, fails } = await withHandled(3)
    fails.save = true
    await receiver.replay({ ...fast, handler: 'save', limit: 1 })
    await receiver.idle()
    expect(await receiver.inbox.counts()).toEqual({ ...emptyCounts, scheduled: 1, handled: 2 })
    const mails = { ...fast, id: 'mails', handler: 'mail' }
    expect(await receiver.replay(mails)).toMatchObject({ replayed: 2, passedOver: 0, isComplete: false })
    await receiver.stop()
  })

  test('a replay without handlers of its own is not complete either: every event may be for it', async () => {
    const { receiver, clock } = await withHandled(3)
    const { inbox } = receiver
    await receiver.pause({ reason: 'so that what is replayed stays under way' })
    await receiver.replay({ ...fast, limit: 1 })
    expect(await replayEvents(fast, { inbox, clock })).toMatchObject({ replayed: 2, isComplete: false })
  })

  test('a replay for a handler that its events are not for is complete', async () => {
    const { receiver, clock } = await withHandled(3)
    const { inbox } = receiver
    await receiver.pause({ reason: 'so that what is replayed stays under way' })
    await receiver.replay({ ...fast, limit: 1 })
    const isFor = ({ id }: EventSummary) => id === 'evt_2'
    const replay = await replayEvents(fast, { inbox, clock, isFor })
    expect(replay).toMatchObject({ replayed: 1, passedOver: 1, isComplete: true })
  })

  test('what it has handled meanwhile is replayed at a second look, and what is done by then is not passed over twice', async () => {
    const { receiver } = await withHandled(5)
    const { inbox } = receiver
    const list = inbox.list.bind(inbox)
    let looks = 0
    inbox.list = async (filter = {}) => {
      if (filter.state !== 'handled') return list(filter)
      looks += 1
      if (looks === 1) {
        await receiver.pause({ reason: 'so that what is replayed stays under way' })
        await replayEvents(
          { ...fast, id: 'others', limit: 2 },
          { inbox: { list, replay: inbox.replay.bind(inbox) } },
        )
        return list(filter)
      }
      await receiver.resume()
      await receiver.idle()
      return list(filter)
    }
    expect(await receiver.replay({ ...fast, id: 'mine' })).toMatchObject({
      replayed: 5,
      passedOver: 0,
      isComplete: true,
    })
  })
})
