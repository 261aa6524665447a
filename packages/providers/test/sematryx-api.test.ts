import { allOptimizations, getOptimization, listOptimizations } from '@hookport/providers/sematryx-api'
import { startEmulator } from '@hookport/sender'
import { serveApp } from '@hookport/testkit/http/serve-and-post'
import { describe, expect, onTestFinished, test } from 'vitest'

async function sematryxWith(options: Parameters<typeof startEmulator>[0] = {}) {
  const emulator = await startEmulator(options)
  onTestFinished(() => emulator.close())
  let events = 0
  return {
    at: { apiKey: 'key', baseUrl: emulator.url },
    happens(type: string, optimizationId: string) {
      events += 1
      const result = { best_solution: [1.5], best_fitness: 0.5, evaluations: 7, duration_seconds: 2.5 }
      const data = { optimization_id: optimizationId, result }
      emulator.emit('sematryx', type, {
        event: { id: `evt_${events}`, type, created_at: '2026-11-20T10:00:00Z', data },
      })
    },
  }
}

const completed = {
  id: 'opt_1',
  status: 'completed',
  best_solution: [1.5],
  best_fitness: 0.5,
  evaluations: 7,
  duration_seconds: 2.5,
}

test.each(['array', 'operations', 'results'] as const)(
  'the list is read as %s, whatever its fields are called',
  async (sematryxList) => {
    const { at, happens } = await sematryxWith({ sematryxList })
    happens('optimization.completed', 'opt_1')
    happens('optimization.started', 'opt_2')
    expect(await listOptimizations(at)).toMatchObject([{ id: 'opt_2', status: 'running' }, completed])
    expect(await listOptimizations({ ...at, limit: 1, offset: 1 })).toMatchObject([completed])
  },
)

test('one optimization is found by the id that its webhooks name', async () => {
  const { at, happens } = await sematryxWith()
  happens('optimization.completed', 'opt_1')
  expect(await getOptimization({ ...at, id: 'opt_1' })).toMatchObject(completed)
  await expect(getOptimization({ ...at, id: 'opt_none' })).rejects.toMatchObject({ code: 'not_found' })
})

test('one that is only at the other documented path is found there', async () => {
  const baseUrl = await serveApp((request, response) => {
    const isThere = request.url === '/v1/optimize/result/opt_1'
    response
      .writeHead(isThere ? 200 : 404)
      .end('{"operation_id":"opt_1","status":"failed","optimal_value":NaN}')
  })
  expect(await getOptimization({ apiKey: 'k', baseUrl, id: 'opt_1' })).toMatchObject({
    id: 'opt_1',
    status: 'failed',
    best_fitness: Number.NaN,
  })
})

test.each([
  [
    { optimal_value: 0, execution_time: 2.5 },
    { status: 'completed', best_fitness: 0, duration_seconds: 2.5 },
  ],
  [{ best_fitness: 1, status: null }, { status: 'completed' }],
  [{ error: 'out of memory' }, { status: 'failed', error: 'out of memory' }],
  [{ status: 'cancelled', optimal_value: 1 }, { status: 'cancelled' }],
])(
  'a result without a status is one of an end, as the provider’s dashboard reads it: %j',
  async (told, read) => {
    const baseUrl = await serveApp((_, response) =>
      response.end(JSON.stringify({ operation_id: 'opt_1', ...told })),
    )
    expect(await getOptimization({ apiKey: 'k', baseUrl, id: 'opt_1' })).toMatchObject({
      id: 'opt_1',
      ...read,
    })
  },
)

describe('all of them', () => {
  const idsOf = async (list: AsyncIterable<{ id: string }>) => {
    const ids: string[] = []
    for await (const { id } of list) ids.push(id)
    return ids
  }

  test('are found, each once, while new ones shift the pages', async () => {
    const { at, happens } = await sematryxWith()
    for (let count = 1; count <= 9; count++) happens('optimization.started', `opt_${count}`)
    const found: string[] = []
    for await (const { id } of allOptimizations({ ...at, limit: 2 })) {
      found.push(id)
      if (found.length < 5) happens('optimization.started', `opt_new_${found.length}`)
    }
    const before = Array.from({ length: 9 }, (_, index) => `opt_${9 - index}`)
    expect(found.filter((id) => before.includes(id))).toEqual(before)
    expect(new Set(found).size).toBe(found.length)
  })

  test('come to an end where the API knows no pages', async () => {
    const baseUrl = await serveApp((_request, response) =>
      response.end('[{"id":"opt_1","status":"running"},{"id":"opt_2","status":"running"}]'),
    )
    expect(await idsOf(allOptimizations({ apiKey: 'k', baseUrl, limit: 1 }))).toEqual(['opt_1', 'opt_2'])
    expect(await idsOf(allOptimizations({ apiKey: 'k', baseUrl, limit: 2 }))).toEqual(['opt_1', 'opt_2'])
  })
})

test.each(['{}', '{"operations":7}', '[{"status":"running"}]', '[{"id":"opt_1"}]', '"text"', ''])(
  'an answer that is no list of optimizations is unexpected: %s',
  async (body) => {
    const baseUrl = await serveApp((_request, response) => response.end(body))
    await expect(listOptimizations({ apiKey: 'k', baseUrl })).rejects.toMatchObject({ code: 'unexpected' })
  },
)
