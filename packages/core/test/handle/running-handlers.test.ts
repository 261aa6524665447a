import type { Clock } from '@hookport/core'
import { manualClock } from '@hookport/core/testing'
import { deferred } from '@hookport/testkit/deferred'
import { recordedLogger } from '@hookport/testkit/logs'
import { expect, test, vi } from 'vitest'
import { RunningHandlers } from '../../src/handle/events-under-way.ts'

const patienceMs = 25_000

function runningHandlers() {
  const clock = manualClock()
  const log = recordedLogger()
  return { clock, log, running: new RunningHandlers(clock, patienceMs, log.logger) }
}

test.each(['resolve', 'reject'] as const)(
  'an event is running until its handler settles (%s)',
  async (settle) => {
    const { running, clock, log } = runningHandlers()
    const handler = deferred()
    running.add('acme:evt_1', 'save', handler.promise)
    await clock.advance(patienceMs - 1)
    expect([...running.keys]).toEqual(['acme:evt_1'])
    handler[settle](undefined)
    await clock.advance(0)
    expect([...running.keys]).toEqual([])
    await clock.advance(patienceMs)
    expect(log.lines).toEqual([])
    expect(clock.pendingTimers).toBe(0)
  },
)

test('one that never settles is given up after as long as a handler may take, with a line that names it', async () => {
  const { running, clock, log } = runningHandlers()
  running.add('acme:evt_1', 'save', new Promise(() => {}))
  await clock.advance(patienceMs)
  expect([...running.keys]).toEqual([])
  expect(log.lines).toMatchObject([{ level: 'warn', details: { key: 'acme:evt_1', handler: 'save' } }])
})

test('an event is running until the last of several handlers has settled', async () => {
  const { running, clock } = runningHandlers()
  const [first, second] = [deferred(), deferred()]
  running.add('acme:evt_1', 'first', first.promise)
  await clock.advance(1_000)
  running.add('acme:evt_1', 'second', second.promise)
  first.resolve()
  await clock.advance(0)
  expect([...running.keys]).toEqual(['acme:evt_1'])
  await clock.advance(patienceMs - 1)
  expect([...running.keys], 'the patience of the first is not that of the second').toEqual(['acme:evt_1'])
  second.resolve()
  await clock.advance(0)
  expect([...running.keys]).toEqual([])
})

test('an event whose handlers ran on before, and have settled, is as free as any other', async () => {
  const { running, clock } = runningHandlers()
  for (let round = 0; round < 2; round++) {
    const handler = deferred()
    running.add('acme:evt_1', 'save', handler.promise)
    expect([...running.keys]).toEqual(['acme:evt_1'])
    handler.resolve()
    await clock.advance(0)
    expect([...running.keys]).toEqual([])
  }
})

test('one that was given up and settles later counts once: another of its event is still running', async () => {
  const { running, clock } = runningHandlers()
  const [givenUp, other] = [deferred(), deferred()]
  running.add('acme:evt_1', 'first', givenUp.promise)
  await clock.advance(patienceMs - 1)
  running.add('acme:evt_1', 'second', other.promise)
  await clock.advance(1)
  givenUp.resolve()
  await clock.advance(0)
  expect([...running.keys]).toEqual(['acme:evt_1'])
  other.resolve()
  await clock.advance(0)
  expect([...running.keys]).toEqual([])
})

test('one whose timer was lost with the request that set it is given up all the same, once somebody asks', async () => {
  const clock = manualClock()
  const log = recordedLogger()
  const running = new RunningHandlers({ ...clock, after: () => () => {} }, patienceMs, log.logger)
  running.add('acme:evt_1', 'save', new Promise(() => {}))
  await clock.advance(patienceMs - 1)
  expect([...running.keys]).toEqual(['acme:evt_1'])
  expect(log.lines).toEqual([])
  await clock.advance(1)
  expect([...running.keys]).toEqual([])
  expect([...running.keys]).toEqual([])
  expect(log.lines).toHaveLength(1)
})

test('it keeps no process alive', () => {
  const after = vi.fn((..._timer: Parameters<Required<Clock>['after']>) => () => {})
  const running = new RunningHandlers({ ...manualClock(), after }, patienceMs, recordedLogger().logger)
  running.add('acme:evt_1', 'save', new Promise(() => {}))
  expect(after.mock.calls).toEqual([[patienceMs, expect.any(Function), { background: true }]])
})
