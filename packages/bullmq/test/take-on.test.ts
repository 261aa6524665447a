import { type EventRecord, noProgress } from '@hookport/core'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { verdictStep } from '../src/consume/turn-steps.ts'
import { Keys } from '../src/layout/keys.ts'
import type { RedisLink } from '../src/redis/redis-link.ts'
import type { ScriptCall } from '../src/redis/script-call.ts'
import { Claims } from '../src/take-on/claims.ts'
import { Puts, takeOnArguments } from '../src/take-on/puts.ts'
import { done, remember, sampleEvent, sampleFailure } from './support/sample-event.ts'

beforeEach(() => void vi.useFakeTimers({ toFake: ['performance'] }))
afterEach(() => void vi.useRealTimers())

type Answer = unknown[] | Error

/** Takes events on, in a Redis that answers scripts as the test says. */
function takingOn(answers: Record<string, (...args: unknown[]) => Answer> = {}) {
  const all: Record<string, (...args: unknown[]) => Answer> = {
    put: () => [[], 0],
    claim: () => [[], '[["claimed",1,null]]'],
    ...answers,
  }
  const calls: [script: string, ...args: unknown[]][] = []
  /** Scripts whose next call breaks off before its reply. It is sent again where it may be. */
  const breaking = new Set<string>()
  const link = {
    ask: async () => ['one', 'two'],
    async run({ script, args, read, repeatable }: ScriptCall<unknown>) {
      if (breaking.delete(script) && !repeatable) throw new Error('Connection is closed.')
      const values = args(false)
      calls.push([script, ...values])
      const answer = all[script]?.(...values)
      if (answer instanceof Error) throw answer
      return read(answer)
    },
  } as unknown as RedisLink
  const keys = new Keys('{hookport}', 'webhooks')
  const puts = new Puts(link, keys, 0.9, () => {})
  const claims = new Claims(link, keys, puts.memory)
  return { puts, claims, calls, breaking, scripts: () => calls.map(([script]) => script) }
}

const oom = new Error("OOM command not allowed when used memory > 'maxmemory'.")

describe('whether Redis is asked for its memory', () => {
  test('with puts it is once in 100 ms, and after a mebibyte', async () => {
    const { puts, calls } = takingOn()
    const rawBody = Buffer.alloc(1024 * 1024, 'x')
    await puts.put(sampleEvent(), remember)
    await puts.put(sampleEvent(), remember)
    await puts.put(sampleEvent({ rawBody }), remember)
    vi.advanceTimersByTime(100)
    await puts.put(sampleEvent(), remember)
    expect(calls.map(([, , asks]) => asks)).toEqual([1, 0, 1, 1])
  })

  test('with claims it is as well, and what it answers counts for both', async () => {
    const full = [900_001, 1_000_000]
    const { puts, claims, calls } = takingOn({
      claim: () => [full, '[["claimed",1,null]]'],
      put: () => [full],
      parked: () => [full, 0],
    })
    await claims.claim(sampleEvent(), { ...remember, leaseMs: 1_000 })
    expect(calls.map(([, , asks]) => asks)).toEqual([1])
    await expect(puts.put(sampleEvent(), remember)).rejects.toMatchObject({ code: 'inbox_full' })
    await expect(claims.claim(sampleEvent(), { ...remember, leaseMs: 1_000 })).rejects.toThrow(/90%/)
    expect(calls[1]?.slice(0, 3)).toEqual(['put', '', 1]) // without an event: only for its memory
  })
})

describe('a put for which Redis has no memory', () => {
  test('is put again once parked events have given way: the oldest of each source, until there is room', async () => {
    const tight = [999_000, 1_000_000]
    let sheds = 0
    const { puts, scripts } = takingOn({
      put: () => (sheds === 0 ? oom : [[], 0]),
      parked: () => [tight, 200_000],
      shed: () => [++sheds < 2 ? tight : [800_000, 1_000_000], 16],
    })
    expect(await puts.put(sampleEvent(), remember)).toEqual({ outcome: 'accepted' })
    expect(scripts()).toEqual(['put', 'parked', 'parked', 'shed', 'shed', 'put'])
  })

  test('makes them give way before it is sent, where the last report said so', async () => {
    let used = 950_000
    const { puts, scripts } = takingOn({
      put: () => [[used, 1_000_000], 0],
      parked: () => [[used, 1_000_000], 200_000],
      shed: () => {
        used = 800_000
        return [[used, 1_000_000], 16]
      },
    })
    await puts.put(sampleEvent(), remember)
    expect(await puts.put(sampleEvent(), remember)).toEqual({ outcome: 'accepted' })
    expect(scripts()).toEqual(['put', 'put', 'parked', 'parked', 'shed', 'put'])
  })

  test('makes none give way where Redis has room again', async () => {
    let used = 950_000
    const { puts, scripts } = takingOn({
      put: () => [[used, 1_000_000], 0],
      parked: () => [[used, 1_000_000], 500_000],
    })
    await puts.put(sampleEvent(), remember)
    used = 850_000
    expect(await puts.put(sampleEvent(), remember)).toEqual({ outcome: 'accepted' })
    expect(scripts()).toEqual(['put', 'put', 'put'])
  })

  test.each(['parked', 'shed'])('waits for a connection that breaks meanwhile: %s', async (script) => {
    const free = [800_000, 1_000_000]
    let isFull = true
    const { puts, breaking } = takingOn({
      put: () => (isFull ? oom : [[], 0]),
      parked: () => [[999_000, 1_000_000], 200_000],
      shed: () => {
        isFull = false
        return [free, 16]
      },
    })
    breaking.add(script)
    expect(await puts.put(sampleEvent(), remember)).toEqual({ outcome: 'accepted' })
  })

  test('is refused where they have none to give, and where they are not what fills it', async () => {
    const tight = [999_000, 1_000_000]
    const none = takingOn({ put: () => oom, parked: () => [tight, 500_000], shed: () => [tight, 0] })
    await expect(none.puts.put(sampleEvent(), remember)).rejects.toMatchObject({
      code: 'inbox_full',
      cause: oom,
    })
    expect(none.scripts()).toEqual(['put', 'parked', 'parked', 'shed', 'shed'])
    const few = takingOn({ put: () => oom, parked: () => [tight, 1_000] })
    await expect(few.puts.put(sampleEvent(), remember)).rejects.toMatchObject({ code: 'inbox_full' })
    expect(few.scripts()).toEqual(['put', 'parked', 'parked'])
  })

  test('is not refused as full for another error', async () => {
    const other = new Error("Redis can't be reached")
    const { puts, scripts } = takingOn({ put: () => other })
    await expect(puts.put(sampleEvent(), remember)).rejects.toBe(other)
    expect(scripts()).toEqual(['put'])
  })
})

describe('of several in one call, one that Redis can not carry out fails alone', () => {
  const failed = ['error', 'WRONGTYPE Operation against a key holding the wrong kind of value']
  const ofFirst = [
    { status: 'rejected', reason: expect.objectContaining({ message: failed[1] }) },
    { status: 'fulfilled' },
  ]

  test('of puts', async () => {
    const { puts } = takingOn({ put: () => [[], failed, 0] })
    const both = [sampleEvent(), sampleEvent()].map((event) => puts.put(event, remember))
    expect(await Promise.allSettled(both)).toMatchObject(ofFirst)
  })

  test('of confirmations, which are not said to be of others', async () => {
    const { claims } = takingOn({ confirm: () => JSON.stringify([failed, ['confirmed']]) as never })
    const confirming = [sampleEvent(), sampleEvent()].map((event) =>
      claims.confirm({ key: event.key, token: 'x', attempt: 1, progress: noProgress }, event, remember),
    )
    expect(await Promise.allSettled(confirming)).toMatchObject(ofFirst)
  })
})

test('the reason of a dead letter is the message of its failure, or else its code', () => {
  const reasonOf = (failure: typeof sampleFailure) =>
    takeOnArguments(sampleEvent(), { ...remember, failure })[8]
  expect(reasonOf(sampleFailure)).toBe('broken')
  expect(reasonOf({ ...sampleFailure, message: '' })).toBe('error')
  expect(takeOnArguments(sampleEvent(), remember)[8]).toBe('')
})

test('that an event is handled is said in few words where nothing of it is kept: names only where another may have them', () => {
  const standing = { jobId: 'job', token: 'x', attempt: 1, failures: [], progress: noProgress }
  const taken = { ...standing, interruptions: 0, interruptedAlone: 0, wasInterrupted: false }
  const handled = (more: Partial<EventRecord> = {}) =>
    verdictStep({ ...taken, event: sampleEvent({ id: 'one', ...more }) }, done)
  const step = ['done', 'job', 'x', 0, '', '', 0]
  expect(handled()).toEqual(step)
  expect(handled({ aliases: ['a'] })).toEqual([...step, 'a'])
  expect(handled({ aliases: ['a'], origin: 'reconciled' })).toEqual([...step, 'sematryx:one', 'a'])
})

test('times of verdicts are whole milliseconds, rounded up', () => {
  const event = sampleEvent()
  const job = { event, jobId: 'job', token: 'x', attempt: 1, failures: [], progress: noProgress }
  const taken = { ...job, interruptions: 0, interruptedAlone: 0, wasInterrupted: false }
  const legacy = { newest: { createdAt: 1, rank: 0 } as never, rememberMs: 1.2 }
  expect(verdictStep(taken, { outcome: 'done', progress: noProgress, keepMs: 4.5, legacy })).toEqual(
    expect.arrayContaining(['done', 5, JSON.stringify(legacy.newest), 2]),
  )
  const retry = {
    outcome: 'retry',
    progress: noProgress,
    failures: [],
    attemptUsed: true,
    delayMs: 10.1,
  } as const
  expect(verdictStep(taken, retry)[3]).toBe(11)
})
