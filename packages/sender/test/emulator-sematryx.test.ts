import { describe, expect, onTestFinished, test } from 'vitest'
import { type EmulatorOptions, startEmulator } from '../src/index.ts'
import { fakeClock } from './fake-clock.ts'

async function start(options: EmulatorOptions = {}) {
  const emulator = await startEmulator({ clock: fakeClock(), ...options })
  onTestFinished(() => emulator.close())
  const ask = async (path: string, authorization = 'Bearer key') => {
    const response = await fetch(emulator.url + path, { headers: { authorization } })
    return { status: response.status, headers: response.headers, body: await response.json() }
  }
  const happens = (type: string, id: string) =>
    emulator.emit('sematryx', type, {
      event: {
        id: `evt_${type}_${id}`,
        type,
        created_at: '2026-11-20T10:00:00Z',
        data: { optimization_id: id, result: { best_solution: [1.5], best_fitness: 0.5, evaluations: 7 } },
      },
    })
  return { emulator, ask, happens }
}

describe('the list of optimizations', () => {
  test.each([
    ['array', (body: unknown) => body],
    ['operations', ({ operations }: { operations: unknown }) => operations],
    ['results', ({ results }: { results: unknown }) => results],
  ] as const)('is written as %s', async (sematryxList, itemsOf) => {
    const { ask, happens } = await start({ sematryxList })
    happens('optimization.started', 'opt_1')
    happens('optimization.completed', 'opt_2')
    const { status, body } = await ask('/v1/optimize?limit=1&offset=1')
    expect(status).toBe(200)
    const id = sematryxList === 'operations' ? 'operation_id' : 'id'
    expect(itemsOf(body as never)).toEqual([expect.objectContaining({ [id]: 'opt_1', status: 'running' })])
  })

  test('an optimization is found under both paths, by the id that webhooks call optimization_id', async () => {
    const { ask, happens } = await start()
    happens('optimization.started', 'opt_1')
    happens('optimization.completed', 'opt_1')
    const found = {
      id: 'opt_1',
      status: 'completed',
      best_solution: [1.5],
      best_fitness: 0.5,
      evaluations: 7,
    }
    for (const path of ['/v1/optimize/opt_1', '/v1/optimize/result/opt_1'])
      expect(await ask(path)).toMatchObject({ status: 200, body: found })
    expect(await ask('/v1/optimize/opt_none')).toMatchObject({ status: 404 })
  })

  test('has integers of any size, and what JSON can not hold is an answer too', async () => {
    const { emulator, ask } = await start()
    const note = (id: string, result: object) =>
      emulator.emit('sematryx', 'optimization.completed', {
        event: { data: { optimization_id: id, result } },
      })
    note('opt_1', { evaluations: 2n ** 60n })
    const headers = { authorization: 'Bearer key' }
    const response = await fetch(`${emulator.url}/v1/optimize/opt_1`, { headers })
    expect(await response.text()).toContain('"evaluations":1152921504606846976}')
    const circle: Record<string, unknown> = {}
    note('opt_2', Object.assign(circle, { circle }))
    expect(await ask('/v1/optimize/opt_2')).toMatchObject({ status: 500 })
  })

  test('needs an API key', async () => {
    const { ask } = await start()
    expect(await ask('/v1/optimize', '')).toMatchObject({ status: 401 })
  })
})

test('requests are counted by the minute, and 429 above the limit, with headers that tell when it ends', async () => {
  let now = 30_000
  const { ask } = await start({ sematryxRequestsPerMinute: 2, clock: { ...fakeClock(), now: () => now } })
  const limits = async (key?: string) => {
    const { status, headers } = await ask('/v1/optimize', key)
    return [status, ...['limit', 'remaining', 'reset'].map((name) => headers.get(`x-ratelimit-${name}`))]
  }
  expect(await limits()).toEqual([200, '2', '1', '60'])
  expect(await limits()).toEqual([200, '2', '0', '60'])
  expect(await limits()).toEqual([429, '2', '0', '60'])
  expect(await limits('Bearer other')).toEqual([200, '2', '1', '60'])
  now = 60_000
  expect(await limits()).toEqual([200, '2', '1', '120'])
})

test('a minute has 300 requests, where nothing else is said', async () => {
  const { ask } = await start()
  expect((await ask('/v1/optimize')).headers.get('x-ratelimit-limit')).toBe('300')
})

test.each([20_261_128_093_000, Number.MAX_SAFE_INTEGER])(
  'with the seed %d, too, every event has an id of its own',
  async (seed) => {
    const { emulator, ask } = await start({ seed })
    for (let made = 0; made < 3; made++) {
      emulator.emit('sematryx', 'optimization.completed')
    }
    expect((await ask('/v1/optimize')).body).toHaveLength(3)
  },
)

test('the URL of an emulator at an IPv6 address can be asked', async () => {
  const { emulator, ask } = await start({ host: '::1' })
  expect(emulator.url).toMatch(/^http:\/\/\[::1\]:\d+$/)
  expect(await ask('/v1/optimize')).toMatchObject({ status: 200 })
})
