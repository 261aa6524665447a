import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { manualClock } from '@hookport/core/testing'
import { expect, test, vi } from 'vitest'
import { Deadlines } from '../src/time/deadlines.ts'
import { completeClock } from '../src/time/system-clock.ts'

const lengthMs = 1000

test('each is up when its own time has passed, in the order in which they were set', async () => {
  const clock = manualClock()
  const deadlines = new Deadlines(lengthMs, clock)
  const up: string[] = []
  const record = (name: string) => () => up.push(`${name} at ${clock.now()}`)
  deadlines.set(record('first'))
  await clock.advance(300)
  deadlines.set(record('second'))
  deadlines.set(record('third'))
  await clock.advance(10 * lengthMs)
  deadlines.set(record('fourth'))
  await clock.advance(lengthMs)
  expect(up).toEqual(['first at 1000', 'second at 1300', 'third at 1300', 'fourth at 11300'])
})

test('one that was cancelled is never up, wherever in the line it stood', async () => {
  const clock = manualClock()
  const deadlines = new Deadlines(lengthMs, clock)
  const onUp = [vi.fn(), vi.fn(), vi.fn(), vi.fn()]
  const set = onUp.map((callback) => deadlines.set(callback))
  for (const index of [3, 0, 1, 1]) set[index]?.cancel()
  await clock.advance(lengthMs)
  expect(onUp.map(({ mock }) => mock.calls.length)).toEqual([0, 0, 1, 0])
})

test('a thousand share one timer, and none is left once all are up or cancelled', async () => {
  const clock = manualClock()
  const deadlines = new Deadlines(lengthMs, clock)
  for (let count = 0; count < 1000; count++) deadlines.set(() => {})
  expect(clock.pendingTimers).toBe(1)
  await clock.advance(lengthMs)
  expect(clock.pendingTimers).toBe(0)
})

test('one may be set, or another cancelled, while one is called', async () => {
  const clock = manualClock()
  const deadlines = new Deadlines(lengthMs, clock)
  const [cancelled, later] = [vi.fn(), vi.fn()]
  deadlines.set(() => {
    second.cancel()
    deadlines.set(later)
  })
  const second = deadlines.set(cancelled)
  await clock.advance(2 * lengthMs - 1)
  expect(later).not.toHaveBeenCalled()
  await clock.advance(1)
  expect(later).toHaveBeenCalledOnce()
  expect(cancelled).not.toHaveBeenCalled()
})

test('one whose callback throws holds up no other', async () => {
  const clock = manualClock()
  const deadlines = new Deadlines(lengthMs, clock)
  const [second, later] = [vi.fn(), vi.fn()]
  deadlines.set(() => {
    throw new Error('thrown on purpose')
  })
  deadlines.set(second)
  await expect(clock.advance(lengthMs)).rejects.toThrow('on purpose')
  deadlines.set(later)
  await clock.advance(lengthMs + 1)
  expect(second).toHaveBeenCalledOnce()
  expect(later).toHaveBeenCalledOnce()
})

test('setting the time of day, or standing still of a clock that has no timers, postpones none', async () => {
  const { now, after } = completeClock({ now: () => 0 })
  expect(now()).toBe(0)
  const up = new Promise<void>((resolve) => new Deadlines(5, completeClock({ now: () => 0 })).set(resolve))
  const keepAlive = after(5_000, () => {})
  await up
  keepAlive()
})

/** Runs a script with nothing else to wait for, and answers what it wrote. */
async function runScript(script: string): Promise<string> {
  const options = { timeout: 4_000 }
  const flags = ['--conditions=@hookport/source', '--no-warnings', '--input-type=module', '-e', script]
  return (await promisify(execFile)(process.execPath, flags, options)).stdout
}

const source = (file: string) => JSON.stringify(new URL(`../src/${file}`, import.meta.url).href)

test.each([60_000, 2 ** 32])('one that is %i ms off keeps no process alive', async (length) => {
  const script = `
    import { Deadlines } from ${source('time/deadlines.ts')}
    import { completeClock } from ${source('time/system-clock.ts')}
    new Deadlines(${length}, completeClock()).set(() => {})`
  await expect(runScript(script)).resolves.toBe('')
})

test.each(['stop', 'idle'])(
  'a handler that hangs is cut off while %s waits for it, though nothing else is alive',
  async (wait) => {
    const script = `
    import { createReceiver, defineProvider, memoryInbox } from ${source('index.ts')}
    const provider = defineProvider({
      name: 'acme', allowUnsigned: true, retryHorizon: 0, events: {},
      readSignature: () => 'missing',
      readEnvelope: () => ({ id: '1', type: 'order.paid', createdAt: undefined }),
    })
    const observers = { dead: ({ failures }) => console.log(failures[0].code) }
    const receiver = createReceiver({ logger: false, provider, retry: { attempts: 1 }, handlerTimeout: 100, observers })
    receiver.onAnyEvent(() => new Promise(() => {}))
    const delivery = { method: 'POST', url: '/', headers: new Headers(), readBody: () => Buffer.from('{}') }
    await receiver.receive(delivery)
    await receiver.${wait}()`
    expect(await runScript(script)).toContain('handler_timeout')
  },
)

test('those set after a timer was lost are up all the same', async () => {
  const clock = manualClock()
  let platformLosesTimers = true
  const lossy = {
    ...clock,
    elapsed: () => clock.now(),
    after: (...timer: Parameters<typeof clock.after>) =>
      platformLosesTimers ? () => {} : clock.after(...timer),
  }
  const deadlines = new Deadlines(lengthMs, lossy)
  const [lost, later] = [vi.fn(), vi.fn()]
  deadlines.set(lost)
  platformLosesTimers = false
  await clock.advance(3 * lengthMs)
  deadlines.set(later)
  await clock.advance(lengthMs)
  expect(lost).toHaveBeenCalledOnce()
  expect(later).toHaveBeenCalledOnce()
})
