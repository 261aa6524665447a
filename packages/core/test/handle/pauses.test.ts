import { type Inbox, memoryInbox, pauseHandling, resumeHandling } from '@hookport/core'
import { manualClock } from '@hookport/core/testing'
import { deferred } from '@hookport/testkit/deferred'
import { recordedLogger } from '@hookport/testkit/logs'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { Pauses } from '../../src/handle/pause/pauses.ts'

const reason = 'a test'
const save = 'onEvent(order.paid):save'

function pausesOf() {
  const clock = manualClock()
  const inbox = memoryInbox({ clock })
  const notes = inbox.notes ?? expect.unreachable()
  const read = vi.spyOn(notes, 'read')
  const log = recordedLogger()
  const pauses = new Pauses({ inbox, name: 'acme', clock, logger: log.logger })
  return { pauses, inbox, clock, read, log }
}

/** Whether anything may be handed out now. */
const isOpen = (pauses: Pauses) => !pauses.isAllPaused

afterEach(() => void vi.unstubAllGlobals())

describe('an event waits for a handler that is paused', () => {
  test('a quarter of the time for which it has been paused: at least 5 s, and at most a minute', async () => {
    const { pauses, inbox, clock } = pausesOf()
    await pauseHandling(inbox, 'acme', { handler: 'save', reason }, clock.now())
    await pauses.look()
    const waits: (number | undefined)[] = []
    for (const pausedMs of [0, 20_000, 40_000, 240_000, 3_600_000]) {
      await clock.advance(pausedMs - clock.now())
      waits.push(pauses.waitOf(save))
    }
    expect(waits).toEqual([5_000, 5_000, 10_000, 60_000, 60_000])
    expect(pauses.waitOf('onEvent(order.paid):mail'), 'which is not paused').toBeUndefined()
  })

  test('5 s where the whole receiver is paused, however long it has been', async () => {
    const { pauses, inbox, clock } = pausesOf()
    await pauseHandling(inbox, 'acme', { reason }, clock.now())
    await clock.advance(3_600_000)
    await pauses.look()
    expect(pauses.waitOf(save)).toBe(5_000)
  })
})

/** A clock whose timers are lost while `isLost` is set, as those of a request that has ended. */
function losingClock() {
  const clock = manualClock()
  const losing = { isLost: false }
  const after: typeof clock.after = (...timer) => (losing.isLost ? () => {} : clock.after(...timer))
  return { losing, clock: { ...clock, after } }
}

test('what is paused is asked for anew where the request that asked has ended, with its timers, before the answer', async () => {
  vi.stubGlobal('EdgeRuntime', 'edge-runtime')
  const { losing, clock } = losingClock()
  const inbox = memoryInbox({ clock })
  const pauses = new Pauses({ inbox, name: 'acme', clock, logger: recordedLogger().logger })
  const read = vi.spyOn(inbox.notes ?? expect.unreachable(), 'read')
  read.mockImplementationOnce(() => new Promise(() => {}))
  losing.isLost = true
  pauses.watch(() => {})
  expect(isOpen(pauses)).toBe(false)
  losing.isLost = false
  await clock.advance(3_000)
  const idle = (async () => {
    while (!(await pauses.known())) await pauses.triedAgain()
  })()
  await clock.advance(10_000)
  await idle
  expect(isOpen(pauses)).toBe(true)
})

describe('what is paused', () => {
  test('is of no use any more 4 s after it was read', async () => {
    const { pauses, clock, read } = pausesOf()
    expect(isOpen(pauses)).toBe(true)
    read.mockImplementation(() => {
      throw new Error('no connection')
    })
    await clock.advance(3_999)
    expect(isOpen(pauses)).toBe(true)
    await clock.advance(1)
    expect(isOpen(pauses)).toBe(false)
  })

  test('is seen within 5 s though the inbox takes 3 s to answer: its answer is as old as the question', async () => {
    const { pauses, inbox, clock, read } = pausesOf()
    read.mockImplementation(async (name) => {
      const note = (await inbox.notes?.list(name))?.[0]
      await new Promise<void>((resolve) => clock.after(3_000, resolve))
      return note
    })
    isOpen(pauses) // asks
    await clock.advance(1)
    const pausing = { handler: undefined, reason, since: clock.now() }
    await inbox.notes?.write('paused:acme', JSON.stringify([pausing]), undefined)
    for (let waited = 0; waited < 5_000; waited += 100) {
      isOpen(pauses)
      await clock.advance(100)
    }
    expect(isOpen(pauses)).toBe(false)
  })

  test('is heeded where this process has changed it, though a reading from before is answered later', async () => {
    const { pauses, inbox, clock, read } = pausesOf()
    const before = deferred<undefined>()
    read.mockImplementationOnce(() => before.promise)
    expect(isOpen(pauses), 'it is not known yet').toBe(false)
    await pauseHandling(inbox, 'acme', { reason }, clock.now())
    const looked = pauses.look()
    before.resolve(undefined)
    await looked
    expect(isOpen(pauses)).toBe(false)
  })

  test('is read every 2 s while the whole receiver is paused and something waits for the end, by timers that keep no process alive', async () => {
    const { pauses, inbox, clock, read } = pausesOf()
    const after = vi.spyOn(clock, 'after')
    const wake = vi.fn()
    const leave = pauses.watch(wake)
    await pauseHandling(inbox, 'acme', { reason }, clock.now())
    await pauses.look()
    read.mockClear()
    await clock.advance(10_000)
    expect(read).toHaveBeenCalledTimes(5)
    await resumeHandling(inbox, 'acme', undefined)
    await clock.advance(2_000)
    expect(wake).toHaveBeenCalledOnce()
    expect(clock.pendingTimers, 'nothing is to be waited for any more').toBe(0)
    expect(after.mock.calls.map(([, , options]) => options)).toEqual(
      after.mock.calls.map(() => ({ background: true })),
    )
    leave()
  })

  test('is read by a timer for those who come after it was read', async () => {
    const { pauses, inbox, clock } = pausesOf()
    await pauseHandling(inbox, 'acme', { reason }, clock.now())
    await pauses.look()
    const wake = vi.fn()
    pauses.watch(wake)
    await resumeHandling(inbox, 'acme', undefined)
    await clock.advance(2_000)
    expect(wake).toHaveBeenCalledOnce()
  })

  test('is read by no timer where nothing waits for the end', async () => {
    const { pauses, inbox, clock } = pausesOf()
    await pauseHandling(inbox, 'acme', { reason }, clock.now())
    await pauses.look()
    expect(clock.pendingTimers).toBe(0)
  })

  test('is read for those who still wait, and for nobody once the last has left', async () => {
    const { pauses, inbox, clock } = pausesOf()
    const [stays, goes] = [vi.fn(), vi.fn()]
    const leave = pauses.watch(stays)
    pauses.watch(goes)()
    await pauseHandling(inbox, 'acme', { reason }, clock.now())
    await pauses.look()
    pauses.watch(goes)()
    expect(clock.pendingTimers).toBe(1)
    await resumeHandling(inbox, 'acme', undefined)
    await clock.advance(2_000)
    expect([stays.mock.calls.length, goes.mock.calls.length]).toEqual([1, 0])
    await pauseHandling(inbox, 'acme', { reason }, clock.now())
    await pauses.look()
    leave()
    expect(clock.pendingTimers).toBe(0)
  })

  test('is nothing on an inbox that keeps no notes: everything is handed out', () => {
    const pauses = new Pauses({
      inbox: {} as Pick<Inbox, 'notes'>,
      name: 'acme',
      clock: manualClock(),
      logger: recordedLogger().logger,
    })
    expect(isOpen(pauses)).toBe(true)
    expect(pauses.areAny).toBe(false)
  })
})

describe('where it can not be read what is paused', () => {
  const error = new Error('no connection')
  const fail = () => {
    throw error
  }
  const trouble = expect.stringContaining("can't be asked what is paused")

  test('the log says so once nothing is handed out for it, and each time that this is over', async () => {
    const { pauses, clock, read, log } = pausesOf()
    pauses.watch(() => {})
    expect(isOpen(pauses)).toBe(true)
    for (const _ of ['first', 'again']) {
      log.lines.length = 0
      read.mockImplementation(fail)
      await clock.advance(3_000)
      expect(isOpen(pauses), 'what was read before is still true').toBe(true)
      expect(log.lines).toEqual([])
      await clock.advance(10_000)
      expect(log.lines).toEqual([
        { level: 'error', details: { err: error, source: 'acme' }, message: trouble },
      ])
      read.mockReset().mockReturnValue(undefined)
      await clock.advance(2_000)
      expect(isOpen(pauses)).toBe(true)
      await clock.advance(2_000)
      expect(isOpen(pauses)).toBe(true)
      expect(log.lines.slice(1)).toEqual([
        { level: 'warn', details: { source: 'acme' }, message: expect.stringContaining('this is over') },
      ])
    }
  })

  test('as the inbox never answers, the log says so as well, and it is asked again', async () => {
    const { pauses, clock, read, log } = pausesOf()
    pauses.watch(() => {})
    read.mockReturnValue(new Promise(() => {}))
    expect(isOpen(pauses)).toBe(false)
    await clock.advance(4_000)
    expect(log.lines).toMatchObject([{ level: 'error', message: trouble }])
    read.mockReset().mockReturnValue(undefined)
    await clock.advance(2_000)
    expect(isOpen(pauses)).toBe(true)
  })

  test('nothing is said in a process that hands out nothing', async () => {
    const { pauses, read, log } = pausesOf()
    read.mockImplementation(fail)
    expect(await pauses.known()).toBe(false)
    expect(log.lines).toEqual([])
  })

  test('it is asked again after 2 s, and not with each event that could be taken', async () => {
    const { pauses, clock, read } = pausesOf()
    read.mockRejectedValue(new Error('the store is down'))
    for (const _ of [1, 2, 3]) {
      expect(isOpen(pauses)).toBe(false)
      await clock.advance(600)
    }
    expect(read).toHaveBeenCalledTimes(1)
    await clock.advance(200)
    expect(isOpen(pauses)).toBe(false)
    expect(read).toHaveBeenCalledTimes(2)
  })

  test('who waits for it is told of each try', async () => {
    const { pauses, clock, read } = pausesOf()
    pauses.watch(() => {})
    read.mockImplementation(fail)
    await pauses.known()
    const tried = vi.fn()
    void pauses.triedAgain().then(tried)
    await clock.advance(1_999)
    expect(tried).not.toHaveBeenCalled()
    await clock.advance(1)
    expect(tried).toHaveBeenCalledOnce()
  })

  test('no other try is planned while one is under way', async () => {
    const { pauses, clock, read } = pausesOf()
    const leave = pauses.watch(() => {})
    read.mockReturnValue(new Promise(() => {}))
    void pauses.known()
    const tried = pauses.triedAgain()
    expect(clock.pendingTimers, 'for how long it may take').toBe(1)
    leave()
    await expect(tried, 'nobody waits any more').resolves.toBeUndefined()
  })

  test.each([
    ['no JSON', '['],
    ['of another form, as a later version may write it', '{"all":true}'],
  ])('a note that is there and can not be read holds everything back: %s', async (_, text) => {
    const { pauses, clock, read, log } = pausesOf()
    pauses.watch(() => {})
    await clock.advance(1)
    expect(isOpen(pauses)).toBe(true)
    read.mockReturnValue({ name: 'paused:acme', text, version: '1' })
    await clock.advance(10_000)
    expect(isOpen(pauses)).toBe(false)
    await clock.advance(10_000)
    expect([isOpen(pauses), await pauses.known()]).toEqual([false, false])
    expect(log.at('error')).toHaveLength(1)
    read.mockReset().mockReturnValue(undefined)
    await clock.advance(2_000)
    expect(isOpen(pauses)).toBe(true)
  })
})
