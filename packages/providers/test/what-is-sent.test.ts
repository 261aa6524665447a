import {
  createTrigger,
  deleteTrigger,
  fireTrigger,
  getRun,
  getTrigger,
  listRuns,
  rerun,
  toggleTrigger,
  updateTrigger,
} from '@hookport/providers/jaot-api'
import { getOptimization } from '@hookport/providers/sematryx-api'
import { serveApp } from '@hookport/testkit/http/serve-and-post'
import { describe, expect, test } from 'vitest'

/** An API that writes down what it is asked. */
async function api() {
  const asked: string[] = []
  const baseUrl = await serveApp((request, response) => {
    asked.push(`${request.method} ${request.url}`)
    response.end('{"id":"t","run_id":"r","status":"pending"}')
  })
  return { asked, at: { apiKey: 'k', baseUrl } }
}

const cyclic: Record<string, unknown> = {}
cyclic.self = cyclic

describe('data that JSON can not say is an error before anything is sent, and says where it stands:', () => {
  test.each<[object, RegExp]>([
    [{ demand: [1, Number.NaN] }, /override_data\.demand\.1 is NaN, which JSON can't represent/],
    [{ limit: Number.POSITIVE_INFINITY }, /override_data\.limit is Infinity/],
    [{ a: { b: Number.NEGATIVE_INFINITY } }, /override_data\.a\.b is -Infinity/],
    [{ id: 2n ** 60n }, /override_data\.id is the bigint 1152921504606846976/],
    [{ a: { x: 1 }, b: [{ c: Number.NaN }] }, /override_data\.b\.0\.c is NaN/],
    [cyclic, /circular/],
  ])('%o', async (overrideData, reason) => {
    const { asked, at } = await api()
    const firing = fireTrigger({ ...at, id: 't', triggerSecret: 's', overrideData })
    await expect(firing).rejects.toMatchObject({
      code: 'invalid_option',
      message: expect.stringMatching(reason),
    })
    expect(asked).toEqual([])
  })

  test('also in the schema of a trigger', async () => {
    const { at } = await api()
    const schema = { overrideSchema: { maximum: Number.POSITIVE_INFINITY } }
    const reason = { code: 'invalid_option', message: expect.stringContaining('override_schema.maximum') }
    await expect(updateTrigger({ ...at, id: 't', ...schema })).rejects.toMatchObject(reason)
    const model = { documentId: 'd', versionId: 'v' }
    const creating = createTrigger({ ...at, ...model, name: 'n', webhookUrl: 'https://a.b', ...schema })
    await expect(creating).rejects.toMatchObject(reason)
  })

  test('what is sent twice in one body is no cycle', async () => {
    const { asked, at } = await api()
    const shared = { a: 1 }
    await fireTrigger({ ...at, id: 't', triggerSecret: 's', overrideData: { one: shared, other: shared } })
    expect(asked).toEqual(['POST /api/v2/triggers/t/fire'])
  })
})

describe('an id that would lead to another path is an error before anything is sent:', () => {
  test.each(['', '.', '..', undefined, null, 7, '\ud800'])('%j', async (id) => {
    const { asked, at } = await api()
    const of = { ...at, id } as never
    const misconfigured = {
      code: 'invalid_option',
      message: expect.stringMatching(/^(id|triggerId|runId) is /),
    }
    for (const call of [
      () => getTrigger(of),
      () => updateTrigger(of),
      () => deleteTrigger(of),
      () => toggleTrigger(of),
      () => fireTrigger({ ...at, id, triggerSecret: 's' } as never),
      () => listRuns({ ...at, triggerId: id } as never),
      () => getRun({ ...at, triggerId: id, runId: 'r' } as never),
      () => getRun({ ...at, triggerId: 't', runId: id } as never),
      () => rerun({ ...at, triggerId: 't', runId: id } as never),
      () => getOptimization(of),
    ])
      await expect(call()).rejects.toMatchObject(misconfigured)
    expect(asked).toEqual([])
  })

  test('any other is written so that it stays in its place', async () => {
    const { asked, at } = await api()
    for (const id of ['a/b', '../x', '%2e%2e', '...', 'a?b#c', 'größer']) await deleteTrigger({ ...at, id })
    expect(asked).toEqual([
      'DELETE /api/v2/triggers/a%2Fb',
      'DELETE /api/v2/triggers/..%2Fx',
      'DELETE /api/v2/triggers/%252e%252e',
      'DELETE /api/v2/triggers/...',
      'DELETE /api/v2/triggers/a%3Fb%23c',
      'DELETE /api/v2/triggers/gr%C3%B6%C3%9Fer',
    ])
  })
})
