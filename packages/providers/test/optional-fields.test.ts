import { jaotReceiver } from '@hookport/providers/jaot'
import { sematryxReceiver } from '@hookport/providers/sematryx'
import type { EventType } from '@hookport/sender'
import { feedReceiver, received } from '@hookport/testkit/receivers/feed-receiver'
import {
  jaotOptions,
  sematryxOptions,
  signedJaot,
  signedSematryx,
} from '@hookport/testkit/receivers/signed-deliveries'
import { expect, test } from 'vitest'

/** Data with every field that is known of its type, and the paths of those that a handler may rely on. */
interface Known {
  data: Record<string, unknown>
  reliedOn: readonly string[]
}

const undocumented: Known = { data: { optimization_id: 'opt_1' }, reliedOn: [] }

const sematryx: Record<EventType<'sematryx'>, Known> = {
  'optimization.started': undocumented,
  'optimization.completed': {
    data: {
      optimization_id: 'opt_1',
      status: 'completed',
      result: { best_solution: [0.5], best_fitness: 0.1, evaluations: 3, duration_seconds: 2.5 },
    },
    reliedOn: [
      'optimization_id',
      'status',
      'result',
      'result.best_solution',
      'result.best_fitness',
      'result.evaluations',
      'result.duration_seconds',
    ],
  },
  'optimization.failed': undocumented,
  'optimization.cancelled': undocumented,
  'optimization.stagnated': undocumented,
  'optimization.timeout': undocumented,
  'strategy.changed': undocumented,
  'context.updated': undocumented,
}

const triggerExecution: Known = {
  data: {
    run_id: 'trun_1',
    trigger_id: 'trg_1',
    trigger_name: 'Nightly',
    status: 'completed',
    execution_time_ms: 2300,
    error_message: 'none',
    execution_id: 'exe_1',
  },
  reliedOn: ['run_id', 'trigger_id', 'trigger_name', 'status'],
}

const jaot: Record<EventType<'jaot'>, Known> = {
  'trigger.run.completed': {
    data: {
      status: 'completed',
      result: {
        status: 'optimal',
        objective_value: 4250.5,
        solution: { a: 1 },
        solve_time_seconds: 2.3,
        credits_used: 3,
        credits_remaining: 847,
      },
      override_data: { demand: [1] },
    },
    reliedOn: ['status', 'result', 'result.status'],
  },
  'trigger.run.failed': {
    data: { status: 'failed', error: 'infeasible', override_data: {} },
    reliedOn: ['status', 'error'],
  },
  'trigger.execution.completed': triggerExecution,
  'trigger.execution.failed': triggerExecution,
  'trigger.execution.validation_failed': {
    data: { run_id: 'trun_1', trigger_id: 'trg_1', error: 'Missing required field: demand_forecast' },
    reliedOn: ['run_id', 'trigger_id', 'error'],
  },
  'trigger.schedule.auto_disabled': {
    data: { trigger_id: 'trg_1', trigger_name: 'Nightly', schedule_id: 'sch_1', consecutive_failures: 5 },
    reliedOn: ['trigger_id', 'trigger_name', 'schedule_id', 'consecutive_failures'],
  },
  'execution.completed': {
    data: {
      execution_id: 'exe_1',
      model_name: 'VRP',
      status: 'optimal',
      objective_value: 1,
      execution_time_ms: 247,
    },
    reliedOn: ['execution_id', 'model_name', 'status'],
  },
  'execution.failed': {
    data: { execution_id: 'exe_1', model_name: 'VRP', error_message: 'no' },
    reliedOn: ['execution_id', 'model_name', 'error_message'],
  },
  'credits.low': {
    data: { current_balance: 5, threshold: 10 },
    reliedOn: ['current_balance', 'threshold'],
  },
}

const senders = {
  sematryx: {
    feed: () => feedReceiver(sematryxReceiver(sematryxOptions)),
    sign: (type: string, data: object) => signedSematryx({ type, data }),
  },
  jaot: {
    feed: () => feedReceiver(jaotReceiver(jaotOptions)),
    sign: (type: string, data: object) => signedJaot(type as EventType<'jaot'>, { data }),
  },
}

const rows = Object.entries({ sematryx, jaot }).flatMap(([provider, types]) =>
  Object.entries(types).flatMap(([type, { data, reliedOn }]) =>
    pathsOf(data).flatMap((field) =>
      [undefined, null].map((value) => ({
        provider: provider as keyof typeof senders,
        type,
        data,
        field,
        value,
        outcome: reliedOn.includes(field) ? 'a dead letter that names it' : 'handled',
      })),
    ),
  ),
)

test.each(rows)(
  '$type with $field $value is $outcome',
  async ({ provider, type, data, field, value, outcome }) => {
    const { feed, sign } = senders[provider]
    const { deliver, handled, deadLetters } = feed()
    expect(await deliver(sign(type, changed(data, field.split('.'), value)))).toEqual(received)
    const reasons = await deadLetters()
    if (outcome === 'handled') {
      expect(reasons).toEqual([])
      expect(handled.map((event) => event.type)).toEqual([type])
    } else {
      expect(reasons).toEqual([expect.stringContaining(field)])
      expect(handled).toEqual([])
    }
  },
)

test.each([
  ['completed', { status: 'completed', result: { status: 'optimal' } }],
  ['failed', { status: 'failed', error: 'infeasible' }],
] as const)('a documented run that %s without anything optional is handled', async (ending, data) => {
  const { deliver, handled } = senders.jaot.feed()
  expect(await deliver(senders.jaot.sign(`trigger.run.${ending}`, data))).toEqual(received)
  expect(handled.map((event) => event.data)).toEqual([data])
})

/** Every field, and every field of an object in it: `result`, `result.status`. What is free to the user is not looked into. */
function pathsOf(data: Record<string, unknown>): string[] {
  return Object.entries(data).flatMap(([name, value]) =>
    name === 'result' ? [name, ...Object.keys(value as object).map((inner) => `${name}.${inner}`)] : [name],
  )
}

/** A copy in which one field has another value; undefined takes it away. */
function changed(data: Record<string, unknown>, [name = '', ...inner]: string[], value: unknown): object {
  if (inner.length === 0) return { ...data, [name]: value }
  return { ...data, [name]: changed(data[name] as Record<string, unknown>, inner, value) }
}
