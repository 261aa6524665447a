import { describe, expect, test } from 'vitest'
import { eventTypes, formOf, jaotEventTypes, sampleEvent } from '../src/index.ts'
import { parsedBody, samples } from './samples.ts'

const at = Date.UTC(2026, 10, 20, 6, 0, 15, 123)
const everyType = [
  ...eventTypes.sematryx.map((type) => ['sematryx', type] as const),
  ...eventTypes.jaot.map((type) => ['jaot', type] as const),
]

test('the types are those documented, and those that the senders send', () => {
  const sampled = new Set(samples.map((sample) => sample.expect.type))
  sampled.delete('optimization.paused')
  expect(new Set(everyType.map(([, type]) => type))).toEqual(sampled)
})

test.each(everyType)('%s %s: has the fields of the signed samples of that type', (provider, type) => {
  const likeIt = samples.filter((sample) => sample.expect.type === type).map(parsedBody)
  expect(likeIt).not.toHaveLength(0)
  for (const sample of likeIt) {
    const event = sampleEvent(provider, type)
    expect(Object.keys(event).sort()).toEqual(Object.keys(sample).sort())
    const { override_data: _, ...sampled } = event.data // sent where the trigger was fired with some
    expect(Object.keys('override_data' in sample.data ? event.data : sampled).sort()).toEqual(
      Object.keys(sample.data).sort(),
    )
  }
})

test.each(everyType)('%s %s: the same seed gives the same event', (provider, type) => {
  expect(sampleEvent(provider, type, { seed: 7, at })).toEqual(sampleEvent(provider, type, { seed: 7, at }))
  expect(sampleEvent(provider, type, { at })).toEqual(sampleEvent(provider, type, { seed: 1, at }))
  expect(sampleEvent(provider, type, { at })).not.toEqual(sampleEvent(provider, type, { seed: 2, at }))
})

test('Sematryx: event ids differ by seed and by type; one seed tells of one optimization', () => {
  const ids = new Set<string>()
  const optimizations = new Set<string>()
  const seeds = 2_000
  for (let seed = 0; seed < seeds; seed++) {
    for (const type of eventTypes.sematryx) {
      const event = sampleEvent('sematryx', type, { seed, at })
      ids.add(event.id)
      optimizations.add(event.data.optimization_id)
    }
  }
  expect(ids.size).toBe(seeds * eventTypes.sematryx.length)
  expect(optimizations.size).toBe(seeds)
})

test('JAOT: run and execution ids differ by seed', () => {
  const seeds = Array.from({ length: 2_000 }, (_, seed) => seed)
  const runs = seeds.map((seed) => sampleEvent('jaot', 'trigger.execution.completed', { seed }).data.run_id)
  const executions = seeds.map((seed) => sampleEvent('jaot', 'execution.failed', { seed }).data.execution_id)
  expect(new Set(runs).size).toBe(seeds.length)
  expect(new Set(executions).size).toBe(seeds.length)
})

describe('the event time is the one asked for', () => {
  test('Sematryx: ISO 8601, in whole seconds', () => {
    expect(sampleEvent('sematryx', 'optimization.started', { at }).created_at).toBe('2026-11-20T06:00:15Z')
  })

  test('JAOT, documented: ISO 8601, in whole seconds', () => {
    expect(sampleEvent('jaot', 'trigger.run.failed', { at }).timestamp).toBe('2026-11-20T06:00:15Z')
  })

  test('JAOT, real: microseconds, and both an offset and a Z', () => {
    const { timestamp } = sampleEvent('jaot', 'credits.low', { at: new Date(at) })
    expect(timestamp).toMatch(/^2026-11-20T06:00:15\.123\d{3}\+00:00Z$/)
  })

  test('now, when none is asked for', () => {
    const before = Math.floor(Date.now() / 1000) * 1000
    const created = Date.parse(sampleEvent('sematryx', 'optimization.started').created_at)
    expect(created).toBeGreaterThanOrEqual(before)
    expect(created).toBeLessThanOrEqual(Date.now())
  })

  test('an invalid time is an error', () => {
    expect(() => sampleEvent('jaot', 'credits.low', { at: Number.NaN })).toThrow(RangeError)
  })
})

test('JAOT: a type has the envelope of the form it belongs to', () => {
  for (const type of jaotEventTypes.documented) {
    expect(formOf(type)).toBe('documented')
    expect(sampleEvent('jaot', type)).toHaveProperty('run_id')
  }
  for (const type of jaotEventTypes.real) {
    expect(formOf(type)).toBe('real')
    expect(sampleEvent('jaot', type)).toHaveProperty('organization_id')
  }
})

test('JAOT: nullable fields of a failed run are sometimes null', () => {
  const durations = Array.from(
    { length: 50 },
    (_, seed) => sampleEvent('jaot', 'trigger.execution.failed', { seed }).data.execution_time_ms,
  )
  expect(durations).toContain(null)
  expect(durations).toContainEqual(expect.any(Number))
})

test.each(['optimization.paused', 'constructor', '__proto__'])(
  '%s, unknown, gets the envelope only',
  (type) => {
    expect(sampleEvent('sematryx', type, { at })).toEqual({
      id: expect.stringMatching(/^evt_[0-9a-f]{24}$/),
      type,
      created_at: '2026-11-20T06:00:15Z',
      data: { optimization_id: expect.stringMatching(/^opt_/) },
    })
    expect(sampleEvent('jaot', type, { at }).data).toEqual({})
  },
)
