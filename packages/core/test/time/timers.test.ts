import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { completeClock } from '../../src/time/system-clock.ts'

describe('a timer of the system’s clock', () => {
  afterEach(() => {
    vi.useRealTimers()
  })

  const day = 24 * 3_600_000

  test.each([1, 24, 25, 60])('that is %i days off is up then, and no earlier', (days) => {
    vi.useFakeTimers()
    const up = vi.fn()
    completeClock().after(days * day, up)
    vi.advanceTimersByTime(days * day - 1)
    expect(up).not.toHaveBeenCalled()
    vi.advanceTimersByTime(1)
    expect(up).toHaveBeenCalledOnce()
  })

  test.each([0, 30])('that was cancelled after %i days is never up', (days) => {
    vi.useFakeTimers()
    const up = vi.fn()
    const cancel = completeClock().after(60 * day, up)
    vi.advanceTimersByTime(days * day)
    cancel()
    vi.advanceTimersByTime(100 * day)
    expect(up).not.toHaveBeenCalled()
    expect(vi.getTimerCount()).toBe(0)
  })

  test.each([[[0]], [[1]], [[2]], [[0, 2]], [[2, 1]], [[0, 1, 2]]])(
    'that is taken back in the turn in which it was set is never up, and all others are: %j of 3',
    (takenBack) => {
      vi.useFakeTimers()
      const up: number[] = []
      const { after } = completeClock()
      const cancels = [0, 1, 2].map((timer) => after(10, () => up.push(timer)))
      for (const timer of takenBack) {
        cancels[timer]?.()
        cancels[timer]?.()
      }
      vi.advanceTimersByTime(10)
      expect(up.sort()).toEqual([0, 1, 2].filter((timer) => !takenBack.includes(timer)))
      expect(vi.getTimerCount()).toBe(0)
    },
  )

  test.each([
    ['the real ones', () => vi.useRealTimers()],
    [
      'others',
      () => {
        vi.useRealTimers()
        vi.useFakeTimers({ shouldAdvanceTime: true })
      },
    ],
  ])(
    'is up though a test has left another behind under its fake timers, and then went on with %s',
    async (_, goOn) => {
      vi.useFakeTimers()
      const { after } = completeClock()
      const cancelLeft = after(1, () => {})
      goOn()
      await new Promise<void>((resolve) => after(5, resolve))
      cancelLeft()
    },
  )

  test('runs under a clock that has none of its own, and stands still', async () => {
    const { now, after } = completeClock({ now: () => 0 })
    expect(now()).toBe(0)
    await new Promise<void>((resolve) => after(5, resolve))
  })
})

/** Runs a script that has nothing else to wait for, and answers what it wrote. */
async function runScript(script: string): Promise<string> {
  const options = { timeout: 10_000 }
  const flags = ['--conditions=@hookport/source', '--no-warnings', '--input-type=module', '-e', script]
  return (await promisify(execFile)(process.execPath, flags, options)).stdout
}

const source = (file: string) => JSON.stringify(new URL(`../../src/${file}`, import.meta.url).href)

/** Of a receiver of unsigned events with the given options, and a delivery to it. */
const setUp = (options: string) => `
  import { createReceiver, defineProvider, memoryInbox } from ${source('index.ts')}
  const provider = defineProvider({
    name: 'acme', signatureHeaders: [], allowUnsigned: true, retryHorizon: 0, events: {},
    readSignature: () => 'missing',
    readEnvelope: () => ({ id: '1', type: 'order.paid', createdAt: undefined }),
  })
  const never = new Promise(() => {})
  const receiver = createReceiver({ provider, ${options} })
  const delivery = { method: 'POST', url: '/', headers: new Headers(), readBody: () => Buffer.from('{}') }`

test.each([
  ['bodyTimeout', '', 'receiver.receive({ ...delivery, readBody: () => never })'],
  [
    'acceptTimeout',
    'inbox: Object.assign(memoryInbox(), { put: () => never }), acceptTimeout: 60_000',
    'receiver.receive(delivery)',
  ],
  [
    'the renewal of a lease',
    `acknowledge: 'after-handlers', handlerTimeout: 60_000`,
    'receiver.onAnyEvent(() => never).receive(delivery)',
  ],
  ['handlerTimeout', '', 'receiver.onAnyEvent(() => never).receive(delivery)'],
  [
    'handlerTimeout of 50 days',
    'handlerTimeout: 2 ** 32',
    'receiver.onAnyEvent(() => never).receive(delivery)',
  ],
])('%s keeps no process alive', async (_, options, begin) => {
  const script = `${setUp(options)}
    process.on('exit', () => console.log('left by itself'))
    ${begin}`
  expect(await runScript(script)).toBe('left by itself\n')
})

test.each(['stop', 'idle'])(
  'a handler that hangs is cut off while %s waits for it, though nothing else is alive',
  async (wait) => {
    const script = `${setUp('retry: { attempts: 1 }, handlerTimeout: 100, observers: { dead: ({ failures }) => console.log(failures[0].code) }')}
      receiver.onAnyEvent(() => never)
      await receiver.receive(delivery)
      await receiver.${wait}()`
    expect(await runScript(script)).toContain('handler_timeout')
  },
)
