import type { StandardSchema } from '@hookport/core'
import { jaotReceiver } from '@hookport/providers/jaot'
import { sematryxReceiver } from '@hookport/providers/sematryx'
import { feedReceiver, received } from '@hookport/testkit/receivers/feed-receiver'
import {
  jaotOptions,
  sematryxOptions,
  signedJaot,
  signedSematryx,
} from '@hookport/testkit/receivers/signed-deliveries'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'

const result = { best_solution: [0.5, -1], best_fitness: 0.1, evaluations: 3, duration_seconds: 2.5 }
const completed = { optimization_id: 'opt_1', status: 'completed', result }

describe('a known type', () => {
  test('keeps the fields that hookport does not know', async () => {
    const { deliver, handled } = feedReceiver(sematryxReceiver(sematryxOptions))
    const data = { ...completed, cost: 3, result: { ...result, seeds: [1, 2] } }
    expect(await deliver(signedSematryx({ data, region: 'eu' }))).toEqual(received)
    expect(handled.map((event) => event.data)).toEqual([data])
    expect(handled.map((event) => event.payload.region)).toEqual(['eu'])
  })

  test.each([
    ['without its data', undefined, 'expected object'],
    ['with a list for an object', [completed], 'expected object, received array'],
    ['with a text for a number', { ...completed, result: { ...result, best_fitness: '1' } }, 'best_fitness'],
    ['with null for a number', { ...completed, result: { ...result, evaluations: null } }, 'evaluations'],
    ['without its result', { ...completed, result: undefined }, 'result'],
    [
      'with a text in its solution',
      { ...completed, result: { ...result, best_solution: ['1'] } },
      'best_solution.0',
    ],
  ])(
    '%s is acknowledged, reaches no handler, and is a dead letter that says why',
    async (_, data, reason) => {
      const { deliver, handled, deadLetters } = feedReceiver(sematryxReceiver(sematryxOptions))
      expect(await deliver(signedSematryx({ data }))).toEqual(received)
      expect(handled).toEqual([])
      expect(await deadLetters()).toEqual([expect.stringContaining(reason)])
    },
  )

  test.each([
    'optimization.started',
    'optimization.failed',
    'optimization.cancelled',
    'optimization.stagnated',
    'optimization.timeout',
    'strategy.changed',
    'context.updated',
  ])('whose data is not documented relies on nothing in it: %s', async (type) => {
    const { deliver, handled, deadLetters } = feedReceiver(sematryxReceiver(sematryxOptions))
    expect(await deliver(signedSematryx({ type, data: { anything: true } }))).toEqual(received)
    expect(handled.map((event) => event.data)).toEqual([{ anything: true }])
    expect(await deadLetters()).toEqual([])
  })
})

describe('an unknown type', () => {
  test.each([
    ['an object', { any: 1 }],
    ['a text', 'text'],
    ['null', null],
    ['missing', undefined],
  ])('is handled with data as sent, also when that is %s', async (_, data) => {
    const { deliver, handled } = feedReceiver(sematryxReceiver(sematryxOptions))
    expect(await deliver(signedSematryx({ type: 'optimization.paused', data }))).toEqual(received)
    expect(handled.map((event) => [event.type, event.data])).toEqual([['optimization.paused', data]])
  })

  test.each(['__proto__', 'constructor', 'toString'])('may be named %s', async (type) => {
    const { deliver, handled } = feedReceiver(sematryxReceiver(sematryxOptions))
    expect(await deliver(signedSematryx({ type }))).toEqual(received)
    expect(handled.map((event) => event.type)).toEqual([type])
  })
})

const triggerRun = { run_id: 'trun_1', trigger_id: 'trg_1', trigger_name: 'Nightly', status: 'failed' }
const execution = { execution_id: 'exe_1', model_name: 'VRP', status: 'infeasible' }

describe('JAOT', () => {
  test.each([
    ['trigger.execution.failed', { ...triggerRun, execution_time_ms: '1' }, 'execution_time_ms'],
    ['trigger.execution.failed', { ...triggerRun, status: null }, 'status'],
    ['execution.completed', { ...execution, model_name: null }, 'model_name'],
    ['credits.low', { current_balance: '5', threshold: 10 }, 'current_balance'],
  ] as const)('%s with another %o is a dead letter', async (type, data, reason) => {
    const { deliver, handled, deadLetters } = feedReceiver(jaotReceiver(jaotOptions))
    expect(await deliver(signedJaot(type, { data }))).toEqual(received)
    expect(handled).toEqual([])
    expect(await deadLetters()).toEqual([expect.stringContaining(reason)])
  })
})

/** What a library other than zod brings: nothing but the interface. It answers later, and turns the text into a date. */
const pausedSince: StandardSchema<{ since: string }, { since: Date }> = {
  '~standard': {
    version: 1,
    vendor: 'by hand',
    async validate(value) {
      const since = (value as { since?: unknown } | undefined)?.since
      if (typeof since === 'string') return { value: { since: new Date(since) } }
      return { issues: [{ message: 'no text', path: [{ key: 'since' }] }] }
    },
  },
}

describe.each([
  ['zod', z.object({ since: z.string().transform((text) => new Date(text)) })],
  ['any Standard Schema', pausedSince],
])('events with a schema of %s', (_, schema) => {
  const since = '2026-11-20T10:00:00Z'
  const paused = { type: 'optimization.paused' }

  test('add a type: its data is checked, and handed over as the schema puts it out', async () => {
    const receiver = sematryxReceiver({ ...sematryxOptions, events: { 'optimization.paused': schema } })
    const { deliver, handled } = feedReceiver(receiver)
    expect(await deliver(signedSematryx({ ...paused, data: { since } }))).toEqual(received)
    expect(handled.map((event) => event.data)).toEqual([{ since: new Date(since) }])
    expect(handled.map((event) => event.payload.data)).toEqual([{ since }])
  })

  test('add a type: data that does not fit is a dead letter', async () => {
    const receiver = sematryxReceiver({ ...sematryxOptions, events: { 'optimization.paused': schema } })
    const { deliver, handled, deadLetters } = feedReceiver(receiver)
    expect(await deliver(signedSematryx({ ...paused, data: { since: 1 } }))).toEqual(received)
    expect(handled).toEqual([])
    expect(await deadLetters()).toEqual([expect.stringContaining('since: ')])
  })

  test('add a type and leave the others checked as before', async () => {
    const receiver = jaotReceiver({ ...jaotOptions, events: { 'credits.refilled': schema } })
    const { deliver, handled, deadLetters } = feedReceiver(receiver)
    expect(await deliver(signedJaot('credits.low', { data: {} }))).toEqual(received)
    expect(handled).toEqual([])
    expect(await deadLetters()).toEqual([expect.stringContaining('current_balance')])
  })

  test("take the place of hookport's own schema", async () => {
    const receiver = sematryxReceiver({ ...sematryxOptions, events: { 'optimization.completed': schema } })
    const { deliver, handled, deadLetters } = feedReceiver(receiver)
    expect(await deliver(signedSematryx({ id: 'evt_1', data: { since } }))).toEqual(received)
    expect(handled.map((event) => event.data)).toEqual([{ since: new Date(since) }])
    expect(await deliver(signedSematryx({ id: 'evt_2', data: completed }))).toEqual(received)
    expect(handled).toHaveLength(1)
    expect(await deadLetters()).toEqual([expect.stringContaining('since: ')])
  })
})
