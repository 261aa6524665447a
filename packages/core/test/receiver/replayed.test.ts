import {
  ConfigurationError,
  memoryInbox,
  type ReplayProgress,
  RetryLater,
  replayEvents,
} from '@hookport/core'
import { inboxInFront, manualClock } from '@hookport/core/testing'
import { emptyCounts } from '@hookport/testkit/inbox/event-records'
import { describe, expect, test } from 'vitest'
import { acmeReceiver, start } from '../support/acme-receiver.ts'

const hour = 3_600_000

/** A receiver that has handled so many events and keeps them, with what runs of them from then on. */
async function withHandled(count: number, options: object = {}) {
  const made = acmeReceiver({ keepHandledFor: hour, retry: { jitter: 0 }, ...options })
  const ran: string[] = []
  const replays: (string | undefined)[] = []
  made.receiver.onEvent(
    'order.paid',
    ({ id }, { replay }) => {
      ran.push(`save ${id}`)
      replays.push(replay)
    },
    { name: 'save' },
  )
  made.receiver.onEvent('order.paid', ({ id }) => void ran.push(`mail ${id}`), { name: 'mail' })
  for (let sent = 0; sent < count; sent++) await made.send({ id: `evt_${sent}` })
  await made.receiver.idle()
  expect(await made.receiver.inbox.counts()).toEqual({ ...emptyCounts, handled: count })
  ran.length = 0
  replays.length = 0
  return { ...made, ran, replays }
}

const fast = { perSecond: Number.POSITIVE_INFINITY }

test('handled events are kept for keepHandledFor, with which handlers ran when', async () => {
  const { receiver, clock } = await withHandled(1)
  const kept = await receiver.inbox.get('acme:evt_0')
  expect(kept).toMatchObject({
    state: 'handled',
    progress: { completed: ['onEvent(order.paid):save', 'onEvent(order.paid):mail'] },
  })
  expect(kept?.progress.history?.['onEvent(order.paid):save']).toMatchObject([
    { at: clock.now(), outcome: 'completed' },
  ])
  await clock.advance(hour)
  expect(await receiver.inbox.counts()).toEqual(emptyCounts)
})

test('a replay has all of them handled again by every handler, and touches no memory of ids', async () => {
  const { receiver, ran, send, observed } = await withHandled(2)
  expect(await receiver.replay(fast)).toMatchObject({ replayed: 2, passedOver: 0, isComplete: true })
  await receiver.idle()
  expect(ran.toSorted()).toEqual(['mail evt_0', 'mail evt_1', 'save evt_0', 'save evt_1'])
  expect(observed.replayed.map(({ key }) => key)).toEqual(['acme:evt_0', 'acme:evt_1'])
  expect(await receiver.inbox.counts()).toEqual({ ...emptyCounts, handled: 2 })
  await send({ id: 'evt_0' })
  await receiver.idle()
  expect(ran).toHaveLength(4)
})

describe('a replay for one handler', () => {
  test('runs that one and no other', async () => {
    const { receiver, ran } = await withHandled(2)
    await receiver.replay({ ...fast, handler: 'mail' })
    await receiver.idle()
    expect(ran).toEqual(['mail evt_0', 'mail evt_1'])
    const { progress } = (await receiver.inbox.get('acme:evt_0')) ?? expect.unreachable()
    expect(progress.completed.toSorted()).toEqual(['onEvent(order.paid):mail', 'onEvent(order.paid):save'])
  })

  test('runs one that did not exist when they were handled, and no other new one', async () => {
    const { receiver, ran } = await withHandled(2)
    for (const name of ['index', 'audit'])
      receiver.onEvent('order.paid', ({ id }) => void ran.push(`${name} ${id}`), { name })
    await receiver.replay({ ...fast, handler: 'onEvent(order.paid):index' })
    await receiver.idle()
    expect(ran).toEqual(['index evt_0', 'index evt_1'])
  })

  test('runs one that had no name when they were handled, though it keeps what it did then', async () => {
    const clock = manualClock(start)
    const inbox = memoryInbox({ clock })
    const beside = acmeReceiver({ inbox, clock, name: 'beside' }) // it keeps the inbox open
    const ran: string[] = []
    const deploy = (options: { name?: string }) => {
      const version = acmeReceiver({ inbox, clock, keepHandledFor: hour })
      version.receiver.onEvent('order.paid', ({ id }) => void ran.push(`${options.name} ${id}`), options)
      return version
    }
    const before = deploy({})
    await before.send({ id: 'evt_0' })
    await before.receiver.idle()
    await before.receiver.stop()
    const { receiver } = deploy({ name: 'save' })
    await receiver.replay({ ...fast, handler: 'onEvent(order.paid):save' })
    await receiver.idle()
    expect(ran).toEqual(['undefined evt_0', 'save evt_0'])
    await receiver.stop()
    await beside.receiver.stop()
  })

  test('passes over events of types that it is not for', async () => {
    const { receiver, send, ran } = await withHandled(1)
    receiver.onEvent('order.cancelled', () => void ran.push('cancelled'), { name: 'undo' })
    await send({ id: 'cancelled', type: 'order.cancelled', data: { reason: 'none' } })
    await receiver.idle()
    expect(await receiver.replay({ ...fast, handler: 'undo' })).toMatchObject({ replayed: 1, passedOver: 1 })
    await receiver.idle()
    expect(ran).toEqual(['cancelled', 'cancelled'])
  })

  test('from a process without handlers has every event, as that process does not know which are for it', async () => {
    const clock = manualClock(start)
    const inbox = memoryInbox({ clock })
    const operating = acmeReceiver({ inbox, clock, consume: false })
    const { receiver, ran } = await withHandled(2, { inbox, clock })
    expect(await operating.receiver.replay({ ...fast, handler: 'mail' })).toMatchObject({
      replayed: 2,
      passedOver: 0,
    })
    await receiver.idle()
    expect(ran).toEqual(['mail evt_0', 'mail evt_1'])
  })

  test('that is not there is an error that names those that are', async () => {
    const { receiver } = await withHandled(1)
    await expect(receiver.replay({ handler: 'sav' })).rejects.toThrow(ConfigurationError)
    await expect(receiver.replay({ handler: 'sav' })).rejects.toThrow(/onEvent\(order\.paid\):save/)
  })

  test('waits for a process that has it, and uses no attempt', async () => {
    const { receiver, ran, clock, observed, log } = await withHandled(1)
    await receiver.inbox.replay('acme:evt_0', { id: 'r1', handler: 'index' })
    await receiver.idle()
    await clock.advance(60_000)
    expect(ran).toEqual([])
    expect(observed.failed).toEqual([])
    expect(log.at('warn')).toMatchObject([
      {
        details: { handler: 'index' },
        message: expect.stringMatching(/replayed for a handler that this process does not have/),
      },
    ])
    receiver.onEvent('order.paid', ({ id }, { attempt }) => void ran.push(`index ${id} ${attempt}`), {
      name: 'index',
    })
    await clock.advance(30_000)
    await receiver.idle()
    expect(ran).toEqual(['index evt_0 1'])
  })
})

test('a replay with a misspelt option is an error and replays nothing', async () => {
  const { receiver } = await withHandled(1)
  await expect(receiver.replay({ dryrun: true } as never)).rejects.toThrow(
    /unknown option replay\.dryrun; did you mean replay\.dryRun\?/,
  )
  expect(await receiver.inbox.counts()).toEqual({ ...emptyCounts, handled: 1 })
})

test('a filter chooses among them, and a limit bounds how many', async () => {
  const { receiver, clock, send } = await withHandled(3)
  const from = clock.now() + 1_000
  await clock.advance(1_000)
  await send({ id: 'later' })
  await receiver.idle()
  expect(await receiver.replay({ ...fast, from, dryRun: true })).toMatchObject({
    replayed: 1,
    isComplete: true,
  })
  expect(await receiver.replay({ ...fast, to: new Date(from), dryRun: true })).toMatchObject({ replayed: 3 })
  expect(await receiver.replay({ ...fast, type: 'order.cancelled', dryRun: true })).toMatchObject({
    replayed: 0,
  })
  expect(await receiver.replay({ ...fast, tenant: 'nobody', dryRun: true })).toMatchObject({ replayed: 0 })
  expect(await receiver.inbox.counts()).toEqual({ ...emptyCounts, handled: 4 })
  expect(await receiver.replay({ ...fast, limit: 2 })).toMatchObject({ replayed: 2, isComplete: false })
})

test('a replay that ended early goes on under its name, and none is handled twice under it', async () => {
  const { receiver, ran } = await withHandled(40)
  const abort = new AbortController()
  const steps: ReplayProgress[] = []
  const onProgress = (step: ReplayProgress) => {
    steps.push(step)
    abort.abort()
  }
  const request = { ...fast, id: 'fix-plans', handler: 'save' }
  expect(await receiver.replay({ ...request, signal: abort.signal, onProgress })).toMatchObject({
    id: 'fix-plans',
    replayed: 16,
    isComplete: false,
  })
  expect(steps).toHaveLength(1)
  await receiver.idle()
  expect(await receiver.replay(request)).toMatchObject({ replayed: 24, passedOver: 16, isComplete: true })
  await receiver.idle()
  expect(new Set(ran).size).toBe(40)
  expect(ran).toHaveLength(40)
  expect(await receiver.replay(request)).toMatchObject({ replayed: 0, passedOver: 40 })
})

test('an abort ends a slow replay at once, and not when its next event may pass', async () => {
  const { receiver, clock } = await withHandled(3)
  const abort = new AbortController()
  const replaying = receiver.replay({ perSecond: 0.001, signal: abort.signal })
  await clock.advance(1_000)
  const before = clock.pendingTimers
  abort.abort()
  expect(await replaying).toMatchObject({ replayed: 1, isComplete: false })
  expect(clock.pendingTimers).toBe(before - 1)
})

test('an onProgress that rejects ends the replay, and rejects it', async () => {
  const { receiver } = await withHandled(3)
  const onProgress = () => Promise.reject(new Error('nobody looks'))
  await expect(receiver.replay({ ...fast, onProgress })).rejects.toThrow('nobody looks')
})

test('of two replays at once the one that could not have all says so, and has the rest when it goes on', async () => {
  const { receiver, ran } = await withHandled(40)
  await receiver.pause({ reason: 'so that what is replayed stays under way' })
  expect(await receiver.replay({ ...fast, handler: 'save', limit: 25 })).toMatchObject({ replayed: 25 })
  const mail = { ...fast, handler: 'mail', id: 'mails' }
  expect(await receiver.replay(mail)).toMatchObject({ replayed: 15, isComplete: false })
  await receiver.resume()
  await receiver.idle()
  expect(await receiver.replay(mail)).toMatchObject({ replayed: 25, isComplete: true })
  await receiver.idle()
  expect(ran.filter((one) => one.startsWith('save'))).toHaveLength(25)
  expect(new Set(ran.filter((one) => one.startsWith('mail'))).size).toBe(40)
  expect(ran).toHaveLength(65)
})

test('a replay that goes on after another came between has none handled twice', async () => {
  const { receiver, ran } = await withHandled(20)
  await receiver.replay({ ...fast, id: 'first', handler: 'save', limit: 16 })
  await receiver.idle()
  await receiver.replay({ ...fast, id: 'second', handler: 'mail' })
  await receiver.idle()
  expect(await receiver.replay({ ...fast, id: 'first', handler: 'save' })).toMatchObject({ replayed: 4 })
  await receiver.idle()
  expect(ran.filter((one) => one.startsWith('save'))).toHaveLength(20)
})

test('what comes while a replay runs is not replayed, so that it comes to an end', async () => {
  const { receiver, ran, send, clock } = await withHandled(501) // more than it lists at once
  let isDone = false
  const replay = receiver.replay({ perSecond: 100 }).finally(() => {
    isDone = true
  })
  for (let seconds = 0; seconds < 10 && !isDone; seconds++) {
    await clock.advance(1_000)
    await send({ id: `new_${seconds}`, at: clock.now() })
    await receiver.idle()
  }
  expect(await replay).toMatchObject({ replayed: 501, isComplete: true })
  await receiver.idle()
  expect(ran.filter((one) => one === 'save new_1')).toHaveLength(1)
})

test('a replay keeps to its pace', async () => {
  const { receiver, clock } = await withHandled(40)
  let isDone = false
  const replay = receiver.replay({ perSecond: 16 }).then(() => {
    isDone = true
  })
  await clock.advance(2_000)
  expect(isDone).toBe(false)
  await clock.advance(500)
  await replay
  expect(isDone).toBe(true)
})

test('a replay of few a second makes one pending at a time', async () => {
  const { receiver, clock, observed } = await withHandled(4)
  const replay = receiver.replay({ perSecond: 2 })
  for (const soFar of [1, 2, 3, 4]) {
    await clock.advance(1)
    expect(observed.replayed).toHaveLength(soFar)
    await clock.advance(499)
  }
  expect(await replay).toMatchObject({ replayed: 4, isComplete: true })
})

test('a replay that a slow store has held up does not make up for it in a burst', async () => {
  const clock = manualClock(start)
  const memory = memoryInbox({ clock })
  const inbox = inboxInFront(memory, {
    async replay(key, options) {
      if (key === 'acme:evt_1') await new Promise<void>((resolve) => clock.after(60_000, resolve))
      return memory.replay(key, options)
    },
  })
  const { receiver, observed } = await withHandled(20, { clock, inbox })
  const replay = receiver.replay({ perSecond: 5 })
  await clock.advance(60_300)
  expect(observed.replayed.length).toBeLessThan(2 + 5 + 2)
  await clock.advance(10_000)
  expect(await replay).toMatchObject({ replayed: 20 })
})

test('a replay has also what another had under way while it passed, and that was handled before it came to its end', async () => {
  const { receiver } = await withHandled(40)
  const others = { ...fast, id: 'mails', handler: 'mail' }
  const { inbox } = receiver
  const list = inbox.list.bind(inbox)
  let pages = 0
  inbox.list = async (filter = {}) => {
    if (filter.state !== 'handled') return list(filter)
    pages += 1
    if (pages > 1) return list(filter)
    await receiver.pause({ reason: 'so that what is replayed stays under way' })
    await replayEvents({ ...others, limit: 10 }, { inbox: { list, replay: inbox.replay.bind(inbox) } })
    const page = await list(filter)
    await receiver.resume()
    await receiver.idle()
    return page
  }
  const replay = await receiver.replay({ ...fast, id: 'saves', handler: 'save' })
  expect(replay).toMatchObject({ replayed: 40, isComplete: true })
})

test('effects are wanted again where that was asked for, once for the replay', async () => {
  const { receiver, replays } = await withHandled(2)
  await receiver.replay(fast)
  await receiver.idle()
  expect(replays).toEqual([undefined, undefined])
  await receiver.replay({ ...fast, id: 'r2', again: true })
  await receiver.idle()
  expect(replays.slice(2)).toEqual(['r2', 'r2'])
})

test('a replay is not subject to `older`, and leaves the newest as it was', async () => {
  const { receiver, send, ran, clock, observed } = await withHandled(0, {
    order: { by: () => 'one', older: 'skip' },
  })
  const at = clock.now()
  for (const [id, ms] of [['old', 1] as const, ['new', 9] as const]) {
    await send({ id, at: at + ms })
    await receiver.idle()
  }
  await receiver.replay({ ...fast, handler: 'save', limit: 1 })
  await receiver.idle()
  expect(ran.filter((one) => one === 'save old')).toHaveLength(2)
  await send({ id: 'between', at: at + 5 })
  await receiver.idle()
  expect(observed.skipped).toMatchObject([{ id: 'between' }])
})

test('a handler that waits during a replay waits for itself', async () => {
  const { receiver, clock, observed } = await withHandled(1)
  let waits = true
  receiver.onEvent(
    'order.paid',
    () => {
      if (waits) throw new RetryLater(5_000)
    },
    { name: 'index' },
  )
  await receiver.replay({ ...fast, handler: 'index' })
  await receiver.idle()
  waits = false
  expect(observed.handled).toHaveLength(1)
  await clock.advance(5_000)
  await receiver.idle()
  expect(observed.handled).toHaveLength(2)
})

test.each([
  [{ perSecond: 0 }, /perSecond is 0; it must be a number above 0/],
  [{ limit: 0 }, /limit is 0/],
  [{ from: new Date('no date') }, /from is Invalid Date/],
  [{ id: 'a b' }, /id is "a b"/],
])('a request that can not work is an error: %j', async (request, message) => {
  const { receiver } = await withHandled(0)
  await expect(receiver.replay(request)).rejects.toThrow(message)
})
