import {
  ConfigurationError,
  type Inbox,
  memoryInbox,
  type Notes,
  pauseHandling,
  resumeHandling,
} from '@hookport/core'
import { inboxInFront, manualClock } from '@hookport/core/testing'
import { deferred } from '@hookport/testkit/deferred'
import { emptyCounts } from '@hookport/testkit/inbox/event-records'
import { describe, expect, test, vi } from 'vitest'
import { acmeReceiver, start } from '../support/acme-receiver.ts'

const reason = 'the plans are being repaired'

function twoHandlers(options: object = {}) {
  const made = acmeReceiver({ retry: { jitter: 0 }, ...options })
  const ran: string[] = []
  made.receiver.onEvent('order.paid', ({ id }, { attempt }) => void ran.push(`save ${id} ${attempt}`), {
    name: 'save',
  })
  made.receiver.onEvent('order.paid', ({ id }) => void ran.push(`mail ${id}`), { name: 'mail' })
  return { ...made, ran }
}

describe('a receiver that is paused', () => {
  test('takes events on and handles none, until it is resumed', async () => {
    const { receiver, send, ran } = twoHandlers()
    await receiver.pause({ reason })
    expect((await send({ id: 'one' })).status).toBe(200)
    await receiver.idle()
    expect(ran).toEqual([])
    expect(await receiver.inbox.counts()).toEqual({ ...emptyCounts, pending: 1 })
    expect(await receiver.paused()).toEqual([{ handler: undefined, reason, since: start }])
    await receiver.resume()
    await receiver.idle()
    expect(ran).toEqual(['save one 1', 'mail one'])
    expect(await receiver.paused()).toEqual([])
  })

  test('is so in every process within 5 s, and so is one that starts later', async () => {
    const clock = manualClock(start)
    const shared = memoryInbox({ clock })
    const [one, other] = ['a', 'b'].map((copy) =>
      twoHandlers({
        clock,
        inbox: inboxInFront(shared, { store: `${copy}:${crypto.randomUUID()}`, close: async () => {} }),
      }),
    )
    if (!one || !other) return expect.unreachable()
    await other.receiver.idle()
    await one.receiver.pause({ reason })
    await clock.advance(5_000)
    await one.send({ id: 'evt' })
    await other.receiver.idle()
    const later = twoHandlers({
      clock,
      inbox: inboxInFront(shared, { store: crypto.randomUUID(), close: async () => {} }),
    })
    await later.receiver.idle()
    expect([...one.ran, ...other.ran, ...later.ran]).toEqual([])
    await later.receiver.resume()
    await clock.advance(5_000)
    for (const { receiver } of [one, other, later]) await receiver.idle()
    expect([...one.ran, ...other.ran, ...later.ran]).toHaveLength(2)
  })

  test('drains nothing', async () => {
    const { receiver, send, ran } = twoHandlers({ consume: false })
    await receiver.pause({ reason })
    await send()
    expect(await receiver.drain()).toMatchObject({ handled: 0, more: false })
    expect(ran).toEqual([])
    await receiver.resume()
    expect(await receiver.drain()).toMatchObject({ handled: 1 })
  })
})

test('what was parked is handled once the pause is over, though a consumer had been given it and has stopped meanwhile', async () => {
  const { receiver, send, observed } = acmeReceiver({ consume: false })
  receiver.onEvent('order.cancelled', () => {})
  await send()
  await receiver.drain()
  expect(observed.parked).toHaveLength(1)
  receiver.onEvent('order.paid', () => {})
  await receiver.pause({ reason })
  await receiver.drain()
  await receiver.resume()
  expect(await receiver.drain()).toMatchObject({ handled: 1 })
})

describe('a handler that is paused', () => {
  test('waits and uses up no attempt, while its neighbours go on', async () => {
    const { receiver, send, ran, clock, observed, log } = twoHandlers()
    await receiver.pause({ handler: 'save', reason })
    await send({ id: 'one' })
    await receiver.idle()
    expect(ran).toEqual(['mail one'])
    for (let minute = 0; minute < 10; minute++) {
      await clock.advance(60_000)
      await receiver.idle()
    }
    expect(ran).toEqual(['mail one'])
    expect(observed.failed).toEqual([])
    expect(JSON.stringify(log.lines)).not.toContain('was not handled')
    await receiver.resume({ handler: 'save' })
    await clock.advance(60_000)
    await receiver.idle()
    expect(ran).toEqual(['mail one', 'save one 1'])
    expect(observed.handled).toHaveLength(1)
  })

  test.each(['mail', undefined])(
    'does not begin after a neighbour that ran as another process paused it: %s',
    async (handler) => {
      const clock = manualClock(start)
      const inbox = memoryInbox({ clock })
      const { receiver, send } = acmeReceiver({ clock, inbox, retry: { jitter: 0 } })
      const saving = deferred()
      const ran: string[] = []
      receiver.onEvent(
        'order.paid',
        () => {
          ran.push('save')
          return saving.promise
        },
        { name: 'save' },
      )
      receiver.onEvent('order.paid', (_, { attempt }) => void ran.push(`mail ${attempt}`), { name: 'mail' })
      await send()
      await vi.waitFor(() => expect(ran).toEqual(['save']), 10_000)
      await pauseHandling(inbox, 'acme', { handler, reason }, clock.now())
      await clock.advance(5_000)
      saving.resolve()
      await clock.advance(60_000)
      expect(ran).toEqual(['save'])
      await resumeHandling(inbox, 'acme', handler)
      await clock.advance(60_000)
      await receiver.idle()
      expect(ran).toEqual(['save', 'mail 1'])
      expect(await inbox.counts()).toEqual(emptyCounts)
    },
  )

  test.each(['mail', undefined])(
    'does not begin with a delivery that stood in line as another process paused it: %s',
    async (handler) => {
      const clock = manualClock(start)
      const inbox = memoryInbox({ clock })
      const { receiver, send } = acmeReceiver({ clock, inbox, acknowledge: 'after-handlers', concurrency: 1 })
      const mailing = deferred()
      const ran: string[] = []
      receiver.onEvent(
        'order.paid',
        ({ id }) => {
          ran.push(id)
          return mailing.promise
        },
        { name: 'mail' },
      )
      const replies = [send({ id: 'one' }), send({ id: 'two' })]
      await vi.waitFor(() => expect(ran).toHaveLength(1), 10_000)
      await pauseHandling(inbox, 'acme', { handler, reason }, clock.now())
      await clock.advance(5_000)
      mailing.resolve()
      expect((await Promise.all(replies)).map(({ status }) => status)).toEqual([200, 500])
      expect(ran).toEqual(['one'])
    },
  )

  test('does not spin where it had failed before: its retry waits with it', async () => {
    const clock = manualClock(start)
    const memory = memoryInbox({ clock })
    let turns = 0
    const consume: Inbox['consume'] = (work, options) =>
      memory.consume((attempt) => {
        turns += 1
        return work(attempt)
      }, options)
    const { receiver, send } = acmeReceiver({ clock, inbox: inboxInFront(memory, { consume }) })
    receiver.onEvent('order.paid', () => Promise.reject(new Error('broken')), { name: 'save' })
    await send()
    await receiver.idle()
    await receiver.pause({ handler: 'save', reason })
    await clock.advance(4_000)
    expect(turns).toBe(2)
    await clock.advance(56_000)
    expect(turns).toBeLessThan(14)
    await receiver.stop()
  })

  test('holds the order key of its event', async () => {
    const { receiver, send, ran, clock } = twoHandlers({ order: { by: () => 'one' } })
    await receiver.pause({ handler: 'onEvent(order.paid):save', reason })
    await send({ id: 'one' })
    await send({ id: 'two', at: start + 1 })
    await receiver.idle()
    expect(ran).toEqual(['mail one'])
    await receiver.resume({ handler: 'onEvent(order.paid):save' })
    await clock.advance(60_000)
    await receiver.idle()
    expect(ran).toEqual(['mail one', 'save one 1', 'save two 1', 'mail two'])
  })

  test('stays so when all of the receiver is resumed', async () => {
    const { receiver } = twoHandlers()
    await receiver.pause({ handler: 'save', reason })
    await receiver.pause({ reason: 'all' })
    expect(await receiver.paused()).toHaveLength(2)
    await receiver.resume()
    expect(await receiver.paused()).toMatchObject([{ handler: 'save' }])
  })

  test('has the sender come again where handlers run before the reply', async () => {
    const { receiver, send, ran } = twoHandlers({ acknowledge: 'after-handlers' })
    await receiver.pause({ handler: 'save', reason })
    expect((await send({ id: 'one' })).status).toBe(500)
    await receiver.resume({ handler: 'save' })
    expect((await send({ id: 'one' })).status).toBe(200)
    expect(ran).toEqual(['mail one', 'save one 1'])
  })
})

test('idle() and drain() wait for what is due, though it has to be seen anew meanwhile what is paused', async () => {
  for (const consume of [true, false]) {
    const clock = manualClock(start)
    const memory = memoryInbox({ clock })
    const notes = memory.notes ?? expect.unreachable()
    const read = async (name: string) => notes.read(name)
    const { receiver, send } = acmeReceiver({
      clock,
      consume,
      concurrency: 1,
      inbox: inboxInFront(memory, { notes: { ...notes, read } }),
    })
    const ran: string[] = []
    receiver.onEvent('order.paid', async ({ id }) => {
      await new Promise<void>((resolve) => clock.after(6_000, resolve))
      ran.push(id)
    })
    for (const id of ['one', 'two', 'three']) await send({ id })
    let ended: unknown
    const whole = (consume ? receiver.idle() : receiver.drain({ maxMs: 60_000 })).then((counts) => {
      ended = counts ?? 'idle'
    })
    for (let seconds = 0; seconds < 20 && ended === undefined; seconds++) await clock.advance(1_000)
    await whole
    expect(ran).toEqual(['one', 'two', 'three'])
    if (!consume) expect(ended).toMatchObject({ handled: 3, more: false })
    await receiver.stop()
  }
})

test('a pause says why, for a handler by its name, and on an inbox that keeps notes', async () => {
  const { receiver } = twoHandlers()
  await expect(receiver.pause({ reason: ' ' })).rejects.toThrow(ConfigurationError)
  await expect(receiver.pause({ reason, handler: '' })).rejects.toThrow(/handler is ""/)
  const clock = manualClock(start)
  const bare = twoHandlers({
    clock,
    inbox: inboxInFront(memoryInbox({ clock }), { notes: undefined } as never),
  })
  await expect(bare.receiver.pause({ reason })).rejects.toThrow(/keeps no notes/)
})

/** A receiver on an inbox whose notes do what the test says. */
function withNotes(change: (notes: Notes) => Partial<Notes>, options: object = {}) {
  const clock = manualClock(start)
  const memory = memoryInbox({ clock })
  const notes = memory.notes ?? expect.unreachable()
  const inbox = inboxInFront(memory, {
    notes: { read: notes.read.bind(notes), write: notes.write.bind(notes), ...change(notes) },
  } as never)
  return { ...twoHandlers({ clock, inbox, ...options }), clock }
}

test.each([
  ['its full name', 'onEvent(order.paid):save', 'save'],
  ['the same name', 'save', 'save'],
])('what was paused by %s is resumed by its name', async (_, paused, resumed) => {
  const { receiver } = acmeReceiver()
  receiver.onEvent('order.paid', () => {}, { name: 'save' })
  receiver.onEvent('order.paid', () => {}, { name: 'mail' })
  await receiver.pause({ handler: paused, reason: 'a test' })
  await receiver.pause({ handler: 'mail', reason: 'a test' })
  await receiver.resume({ handler: resumed })
  expect(await receiver.paused()).toMatchObject([{ handler: 'mail' }])
})

test('a pause is tried again while other processes change the pauses at the same moment, and given up where that does not end', async () => {
  let refusals = 9
  let tries = 0
  const { receiver } = withNotes((notes) => ({
    write: (...note) => {
      tries += 1
      return refusals-- > 0 ? false : notes.write(...note)
    },
  }))
  await receiver.pause({ reason })
  expect(tries).toBe(10)
  expect(await receiver.paused()).toHaveLength(1)
  refusals = Number.POSITIVE_INFINITY
  await expect(receiver.resume()).rejects.toThrow(/other processes/)
  expect(tries).toBe(20)
  expect(await receiver.paused(), 'nothing was changed').toHaveLength(1)
})

test.each(['throws', 'rejects'])(
  'nothing is handled before it is known what is paused (reading it %s), and then all is',
  async (way) => {
    let isAway = true
    const { send, ran, clock, log } = withNotes((notes) => ({
      read: (name) => {
        if (!isAway) return notes.read(name)
        const error = new Error('no connection')
        if (way === 'throws') throw error
        return Promise.reject(error)
      },
    }))
    expect((await send({ id: 'one' })).status).toBe(200)
    await clock.advance(10_000)
    expect(ran).toEqual([])
    const about = () => log.lines.filter(({ message }) => message.includes('what is paused'))
    expect(about(), 'the operator is told, once').toMatchObject([{ level: 'error' }])
    isAway = false
    await clock.advance(10_000)
    expect(ran).toEqual(['save one 1', 'mail one'])
    expect(about()).toMatchObject([{ level: 'error' }, { level: 'warn' }])
  },
)

test('a drain that can not read what is paused says that there is more, and handles it once it can', async () => {
  let isAway = true
  const { receiver, send, ran, clock } = withNotes(
    (notes) => ({
      read: (name) => (isAway ? Promise.reject(new Error('no right')) : notes.read(name)),
    }),
    { consume: false },
  )
  await send({ id: 'one' })
  const failing = receiver.drain({ maxMs: 5_000 })
  await clock.advance(5_000)
  expect(await failing).toMatchObject({ handled: 0, more: true })
  const mended = receiver.drain({ maxMs: 20_000 })
  await clock.advance(3_000)
  isAway = false
  await clock.advance(3_000)
  expect(await mended).toMatchObject({ handled: 1, more: false })
  expect(ran).toEqual(['save one 1', 'mail one'])
})

test('idle() waits for what can not be handled yet as nobody knows what is paused, and ends where the receiver is stopped', async () => {
  const { receiver, send } = withNotes(() => ({ read: () => Promise.reject(new Error('no right')) }))
  await send({ id: 'one' })
  let isIdle = false
  const idle = receiver.idle().then(() => {
    isIdle = true
  })
  await new Promise((resolve) => setTimeout(resolve, 20))
  expect(isIdle).toBe(false)
  await receiver.stop()
  await idle
})

test('a pause that names no handler of the receiver, or misspells an option, is an error and pauses nothing', async () => {
  const { receiver } = twoHandlers()
  await expect(receiver.pause({ reason, handler: 'sav' })).rejects.toThrow(
    /no handler is named "sav"; the handlers are onEvent\(order\.paid\):save/,
  )
  await expect(receiver.pause({ reason, handeler: 'save' } as never)).rejects.toThrow(
    /unknown option pause\.handeler; did you mean pause\.handler\?/,
  )
  expect(await receiver.paused()).toEqual([])
  await receiver.pause({ reason })
  await expect(receiver.resume({ handeler: 'save' } as never)).rejects.toThrow(/resume\.handeler/)
  expect(await receiver.paused()).toHaveLength(1)
})
