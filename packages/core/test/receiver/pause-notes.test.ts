import { ConfigurationError, memoryInbox, pauseHandling, type Reply } from '@hookport/core'
import { inboxInFront, manualClock } from '@hookport/core/testing'
import { deferred } from '@hookport/testkit/deferred'
import { emptyCounts } from '@hookport/testkit/inbox/event-records'
import { describe, expect, test, vi } from 'vitest'
import { acmeReceiver, start } from '../support/acme-receiver.ts'

const reason = 'the plans are being repaired'

function pausable(options: Parameters<typeof acmeReceiver>[0] = {}) {
  const made = acmeReceiver(options)
  const ran: string[] = []
  for (const name of ['save', 'mail', 'index'])
    made.receiver.onEvent('order.paid', ({ id }) => void ran.push(`${name} ${id}`), { name })
  return { ...made, ran }
}

describe('a pause', () => {
  test.each(['x', 'x'.repeat(500)])('may say why in 1 to 500 characters', async (reason) => {
    const { receiver } = pausable()
    await receiver.pause({ reason })
    expect(await receiver.paused()).toMatchObject([{ reason }])
  })

  test.each([undefined, 5, '', ' ', 'x'.repeat(501)])('does not begin for the reason %o', async (reason) => {
    const { receiver } = pausable()
    const paused = receiver.pause({ reason } as never)
    await expect(paused).rejects.toThrow(ConfigurationError)
    await expect(paused).rejects.toThrow(/reason must be a text of 1 to 500 characters/)
    expect(await receiver.paused()).toEqual([])
  })

  test.each(['', 0, 5, null, 'x'.repeat(501)])('and its end are not for the handler %o', async (handler) => {
    const { receiver } = acmeReceiver()
    const request = { handler, reason } as never
    for (const call of [() => receiver.pause(request), () => receiver.resume({ handler } as never)]) {
      await expect(call()).rejects.toThrow(ConfigurationError)
      await expect(call()).rejects.toThrow(/it must be the name of a handler/)
    }
  })

  test('that a process without receivers makes is checked, too', async () => {
    const pause = async () =>
      pauseHandling(memoryInbox(), 'acme', { reason, handeler: 'save' } as never, start)
    await expect(pause).rejects.toThrow(/unknown option pause\.handeler; did you mean pause\.handler\?/)
  })

  test('may be for a handler with a name of 500 characters', async () => {
    const { receiver } = acmeReceiver()
    const handler = 'x'.repeat(500)
    await receiver.pause({ handler, reason })
    expect(await receiver.paused()).toMatchObject([{ handler }])
    await receiver.resume({ handler })
    expect(await receiver.paused()).toEqual([])
  })

  test('of the whole receiver replaces the one before, and stays when a handler is resumed', async () => {
    const { receiver } = pausable()
    await receiver.pause({ reason })
    await receiver.pause({ reason: 'still' })
    await receiver.pause({ handler: 'save', reason })
    await receiver.resume({ handler: 'save' })
    expect(await receiver.paused()).toEqual([{ reason: 'still', since: start }])
  })

  test('of one receiver is none of another on the same inbox', async () => {
    const clock = manualClock(start)
    const inbox = memoryInbox({ clock })
    const [one, other] = [pausable({ clock, inbox, name: 'one' }), pausable({ clock, inbox, name: 'other' })]
    await one.receiver.pause({ reason })
    expect(await other.receiver.paused()).toEqual([])
    await other.send()
    await other.receiver.idle()
    expect(other.ran).toHaveLength(3)
  })

  test('leaves no note behind, and the end of one that is not there writes none', async () => {
    const inbox = memoryInbox()
    const notes = inbox.notes ?? expect.unreachable()
    const write = vi.spyOn(notes, 'write')
    const { receiver } = pausable({ inbox })
    await receiver.resume()
    expect(write).not.toHaveBeenCalled()
    await receiver.pause({ reason })
    await receiver.resume()
    expect(await notes.read(String(write.mock.calls[0]?.[0]))).toBeUndefined()
  })

  test('of several handlers leaves the others to go on', async () => {
    const { receiver, send, ran } = pausable()
    await receiver.pause({ handler: 'save', reason })
    await receiver.pause({ handler: 'index', reason })
    await send({ id: 'one' })
    await receiver.idle()
    expect(ran).toEqual(['mail one'])
    await receiver.stop()
  })

  test('of one handler does not hide that another fails', async () => {
    const { receiver, send, observed, log } = pausable()
    receiver.onEvent('order.paid', () => Promise.reject(new Error('broken')), { name: 'audit' })
    await receiver.pause({ handler: 'save', reason })
    await send()
    await receiver.idle()
    expect(observed.failed).toMatchObject([{ failures: [{ message: 'broken' }] }])
    expect(log.text()).toContain('it will be tried again')
    await receiver.stop()
  })

  test('of the whole receiver has the sender come again where handlers run before the reply', async () => {
    const { receiver, send, ran } = pausable({ acknowledge: 'after-handlers' })
    await receiver.pause({ reason })
    expect(await send()).toMatchObject({ status: 500 })
    expect(ran).toEqual([])
    await receiver.resume()
    expect(await send()).toMatchObject({ status: 200 })
    expect(ran).toHaveLength(3)
  })
})

describe('where handlers run before the reply, a process that handles nothing else', () => {
  function besideAnother(options: Parameters<typeof acmeReceiver>[0] = {}) {
    const clock = manualClock(start)
    const shared = memoryInbox({ clock })
    const own = { store: crypto.randomUUID(), close: async () => {} }
    const operator = acmeReceiver({ clock, consume: false, inbox: inboxInFront(shared, own) })
    const inbox = inboxInFront(shared, { ...own, store: crypto.randomUUID(), ...options.inbox })
    return { operator, ...pausable({ acknowledge: 'after-handlers', consume: false, clock, inbox }) }
  }

  test('sees a pause that another has begun, and its end', async () => {
    const { clock, operator, send, ran } = besideAnother()
    expect(await send({ id: 'before' })).toMatchObject({ status: 200 })
    await operator.receiver.pause({ reason })
    await clock.advance(5_000)
    ran.length = 0
    expect(await send({ id: 'one' })).toMatchObject({ status: 500 })
    expect(ran).toEqual([])
    await operator.receiver.resume()
    await clock.advance(5_000)
    expect(await send({ id: 'one' })).toMatchObject({ status: 200 })
    expect(ran).toEqual(['save one', 'mail one', 'index one'])
  })

  test.each<[string, Error | undefined, RegExp]>([
    ['fails', new Error('no right to read notes'), /no right to read notes.*asked what is paused/s],
    ['does not answer', undefined, /did not answer within 3000 ms/],
  ])('refuses where the inbox %s when it is asked what is paused, and says so', async (_, error, line) => {
    const notes = memoryInbox().notes ?? expect.unreachable()
    const read = () => (error ? Promise.reject(error) : new Promise<undefined>(() => {}))
    const { clock, send, ran, log } = besideAnother({ inbox: { notes: { ...notes, read } } as never })
    const replying = send()
    await clock.advance(3_000)
    expect(await replying).toMatchObject({ status: 503 })
    expect(ran).toEqual([])
    expect(log.text()).toMatch(line)
  })

  test('keeps one time limit: what it takes to ask what is paused is missing for the claim', async () => {
    const notes = memoryInbox().notes ?? expect.unreachable()
    const asked = deferred()
    const read = () => asked.promise.then(() => undefined)
    const claim = () => new Promise<never>(() => {})
    const { clock, send } = besideAnother({ inbox: { notes: { ...notes, read }, claim } as never })
    let reply: Reply | undefined
    void send().then((answer) => {
      reply = answer
    })
    await clock.advance(2_000)
    asked.resolve()
    await clock.advance(999)
    expect(reply).toBeUndefined()
    await clock.advance(1)
    expect(reply).toMatchObject({ status: 503 })
  })
})

test('the end of a pause is seen by a process that does nothing but wait for it', async () => {
  const clock = manualClock(start)
  const shared = memoryInbox({ clock })
  const inFront = () => inboxInFront(shared, { store: crypto.randomUUID(), close: async () => {} })
  const { receiver, send, ran } = pausable({ clock, inbox: inFront() })
  await receiver.pause({ reason })
  await send({ id: 'one' })
  await receiver.drain() // which leaves, and takes nothing from those that stay
  const operator = acmeReceiver({ clock, inbox: inFront(), consume: false })
  await operator.receiver.resume()
  await clock.advance(5_000)
  expect(ran).toEqual(['save one', 'mail one', 'index one'])
  expect(await shared.counts()).toEqual(emptyCounts)
})

test('a receiver that is stopped while it is paused leaves no timer', async () => {
  const clock = manualClock(start)
  const shared = memoryInbox({ clock })
  const { receiver } = pausable({ clock, inbox: inboxInFront(shared, { durable: true }) })
  await receiver.pause({ reason })
  await receiver.idle()
  await receiver.stop()
  expect(clock.pendingTimers).toBe(0)
})

test('on an inbox that keeps no notes nothing is paused, and all is handled', async () => {
  const inbox = inboxInFront(memoryInbox(), { notes: undefined } as never)
  const { receiver, send, ran } = pausable({ inbox })
  expect(await receiver.paused()).toEqual([])
  await send()
  await receiver.idle()
  expect(ran).toHaveLength(3)
})
