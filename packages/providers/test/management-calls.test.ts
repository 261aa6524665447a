import {
  allRuns,
  createTrigger,
  deleteTrigger,
  ensureWebhook,
  fireTrigger,
  getTrigger,
  jaotRuns,
  listTriggers,
  ManagementError,
  toggleTrigger,
  updateTrigger,
} from '@hookport/providers/jaot-api'
import {
  allOptimizations,
  getOptimization,
  listOptimizations,
  registerWebhook,
  sematryxOptimizations,
} from '@hookport/providers/sematryx-api'
import { serveApp } from '@hookport/testkit/http/serve-and-post'
import { describe, expect, test } from 'vitest'
import { recordedApi } from './support/recorded-api.ts'

const webhook = { url: 'https://example.com/hook', events: ['context.updated'] }
const trigger = { id: 'trg_1', name: 'Nightly', webhook_url: 'https://example.com/hook', is_enabled: true }
const model = { documentId: 'doc_1', versionId: 'ver_1' }
const running = (id: string) => ({ id, status: 'running' })

type At = Awaited<ReturnType<typeof recordedApi>>['at']

/** What a promise rejects with. */
async function errorOf(pending: Promise<unknown>): Promise<ManagementError> {
  const error = await pending.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  expect(error).toBeInstanceOf(ManagementError)
  return error as ManagementError
}

describe('a request', () => {
  test('says that it is JSON where it has a body, and only there', async () => {
    const { at, asked } = await recordedApi(() => ({ body: trigger }))
    await registerWebhook({ ...at, ...webhook })
    await getTrigger({ ...at, id: 'trg_1' })
    expect(asked.map(({ line, contentType }) => [line, contentType])).toEqual([
      ['POST /v1/webhooks', 'application/json'],
      ['GET /api/v2/triggers/trg_1', undefined],
    ])
  })

  test('has no field that is left out, and null where null is given', async () => {
    const { at, asked } = await recordedApi(() => ({
      body: { ...trigger, trigger_secret: 's', run_id: 'trun_1', status: 'pending' },
    }))
    await registerWebhook({ ...at, ...webhook })
    await updateTrigger({ ...at, id: 'trg_1', name: 'Daily' })
    await createTrigger({ ...at, ...model, name: 'n', webhookUrl: webhook.url, webhookSecret: null })
    await fireTrigger({ ...at, id: 'trg_1', triggerSecret: 's' })
    await fireTrigger({ ...at, id: 'trg_1', triggerSecret: 's', overrideData: { demand: null } })
    expect(asked.map(({ body }) => JSON.parse(body))).toStrictEqual([
      { ...webhook, active: true },
      { name: 'Daily' },
      {
        ...{ document_id: 'doc_1', version_id: 'ver_1', name: 'n' },
        ...{ webhook_url: webhook.url, webhook_secret: null },
      },
      {},
      { override_data: { demand: null } },
    ])
  })

  test('that JSON can not hold is refused with the reason beneath', async () => {
    const { at } = await recordedApi(() => ({}))
    const overrideData: Record<string, unknown> = {}
    overrideData.self = overrideData
    await expect(fireTrigger({ ...at, id: 't', triggerSecret: 's', overrideData })).rejects.toMatchObject({
      message: expect.stringMatching(/^the request can't be written as JSON: .*circular/s),
      cause: expect.any(TypeError),
    })
    await expect(
      fireTrigger({ ...at, id: 't', triggerSecret: 's', overrideData: { x: 1n } }),
    ).rejects.toThrow(/^override_data\.x is the bigint 1, which JSON can't represent$/)
  })

  test.each([
    ['', /^triggerSecret is missing; it is the secret that createTrigger returned/],
    [undefined, /^triggerSecret is missing; it is the secret that createTrigger returned/],
    ['s\n', /^triggerSecret has white space/],
  ])('is not made with the trigger’s secret %j', async (triggerSecret, reason) => {
    const { at, asked } = await recordedApi(() => ({}))
    await expect(fireTrigger({ ...at, id: 't', triggerSecret })).rejects.toThrow(reason)
    expect(asked).toEqual([])
  })

  test.each([
    [undefined, 'apiKey is missing; is the environment variable that should hold it set?'],
    [null, 'apiKey is missing; is the environment variable that should hold it set?'],
    ['', 'apiKey is missing; is the environment variable that should hold it set?'],
    [7, 'apiKey is a number, not a string'],
  ])('is not made with the key %j', async (apiKey, reason) => {
    const { at } = await recordedApi(() => ({}))
    await expect(getTrigger({ ...at, apiKey: apiKey as string, id: 't' })).rejects.toThrow(reason)
  })

  test.each([
    [undefined, 'id is undefined, which is not an id'],
    [null, 'id is null, which is not an id'],
    [7, 'id is number, which is not an id'],
    ['..', 'id is "..", which is not an id'],
  ])('is not made for the id %j', async (id, reason) => {
    const { at } = await recordedApi(() => ({}))
    await expect(getTrigger({ ...at, id: id as string })).rejects.toThrow(reason)
  })

  test.each(['ftp://example.com', 'ftp://https://example.com', 'https://', 'https://a b'])(
    'is not made to %s',
    async (baseUrl) => {
      const getting = getOptimization({ apiKey: 'k', baseUrl, id: 'opt_1' })
      await expect(getting).rejects.toThrow(`baseUrl is ${JSON.stringify(baseUrl)}; it`)
    },
  )

  const publicHosts = [
    'api.sematryx.com',
    '8.8.8.8',
    '11.2.3.4',
    '172.15.0.1',
    '172.32.0.1',
    '192.169.0.1',
    '[2001:db8::1]',
    '[fec0::1]',
    '127.0.0.1.example.com',
    'localhost.com',
  ]
  test.each(publicHosts)(
    'is not made over plain http to %s: anybody on the way would have the key',
    async (host) => {
      const getting = getOptimization({
        apiKey: 'the-key-itself',
        baseUrl: `http://${host}/api`,
        id: 'opt_1',
      })
      await expect(getting).rejects.toThrow(/^baseUrl is "http:.*: use https; http is only for/)
      const options = { apiKey: 'the-key-itself', baseUrl: `http://${host}`, every: 60_000 }
      expect(() => sematryxOptimizations(options)).toThrow('use https')
      expect(() => jaotRuns(options)).toThrow('use https')
    },
  )

  test.each([
    'localhost',
    'jaot.localhost',
    '127.0.0.1',
    '0.0.0.0',
    '[::1]',
    '10.1.2.3',
    '169.254.7.8',
    '172.16.0.1',
    '172.29.0.1',
    '172.31.0.1',
    '192.168.7.8',
    '[fc00::1]',
    '[fd00::1]',
    '[fe80::1]',
    '[febf::1]',
    'emulator',
    'jaot.internal',
    'jaot.test',
    'jaot.local',
    'jaot.emulators.svc', // of Kubernetes
  ])('may be made over plain http to %s, where an emulator is', (host) => {
    expect(() => jaotRuns({ apiKey: 'k', baseUrl: `http://${host}:4010`, every: 60_000 })).not.toThrow()
  })

  test('for the triggers of no document is none for those of all', async () => {
    const { at, asked } = await recordedApi(() => ({ body: [trigger] }))
    await expect(listTriggers({ ...at, documentId: '' })).rejects.toThrow(
      'documentId is "", which is not an id',
    )
    expect(asked).toEqual([])
  })

  test.each([' whsec_1234', 'whsec_1234\n', 'undefined', 'null', 7])(
    'does not register a webhook with the secret %j, which no receiver takes',
    async (secret) => {
      const { at, asked } = await recordedApi(() => ({ body: trigger }))
      const given = secret as string
      const calls = [
        registerWebhook({ ...at, ...webhook, secret: given }),
        createTrigger({ ...at, ...model, name: 'n', webhookUrl: webhook.url, webhookSecret: given }),
        updateTrigger({ ...at, id: 'trg_1', webhookSecret: given }),
      ]
      for (const call of await Promise.allSettled(calls)) {
        const reason = /^(?:secret|webhookSecret) is .*, which no receiver takes for a secret$/
        expect(call).toMatchObject({ reason: { message: expect.stringMatching(reason) } })
        expect(JSON.stringify(call)).not.toContain('whsec_1234')
      }
      expect(asked).toEqual([])
    },
  )

  test('is not made to a URL with a fragment: the path of a call would not be sent', async () => {
    const baseUrl = 'https://api.example.com/#v2'
    const getting = getTrigger({ apiKey: 'k', baseUrl, id: 'trg_1' })
    await expect(getting).rejects.toThrow(/^baseUrl has a fragment/)
    expect(() => jaotRuns({ apiKey: 'k', baseUrl, every: 60_000 })).toThrow(/^baseUrl has a fragment/)
  })

  test('is made through a forwarder that takes the URL of the API in its query', async () => {
    const asked: (string | undefined)[] = []
    const forwarder = await serveApp((request, response) => {
      asked.push(request.url)
      response.end('{}')
    })
    await getTrigger({
      apiKey: 'k',
      baseUrl: `${forwarder}/?url=https://api.example.com`,
      id: 'trg_1',
    }).catch(() => {})
    expect(asked).toEqual([expect.stringMatching(/^\/\?url=https:\/\/api\.example\.com\/.*trg_1/)])
  })

  test.each(['https://me:secret@example.com', 'https://key@example.com', 'https://:secret@example.com'])(
    'is not made to %s, which would look like an API that does not answer',
    async (baseUrl) => {
      const getting = getOptimization({ apiKey: 'k', baseUrl, id: 'opt_1' })
      await expect(getting).rejects.toThrow(
        /^baseUrl has a name or a password in it, but .*: leave them out$/,
      )
    },
  )

  test('goes to a URL as it is given, but for slashes at its end and JAOT’s own path', async () => {
    const { at, lines } = await recordedApi(() => ({ body: trigger }))
    for (const end of ['//', '/api/v2//', '/api/v2/jaot'])
      await getTrigger({ ...at, baseUrl: at.baseUrl + end, id: 'trg_1' })
    expect(lines()).toEqual([
      'GET /api/v2/triggers/trg_1',
      'GET /api/v2/triggers/trg_1',
      'GET /api/v2/jaot/api/v2/triggers/trg_1',
    ])
  })
})

describe('an error', () => {
  const refusal = (status: number, headers: Record<string, string>, body: string) =>
    recordedApi(() => ({ status, headers, body })).then(({ at }) =>
      errorOf(listOptimizations({ ...at, limit: 7 })),
    )

  test.each([
    [400, 'invalid'],
    [401, 'unauthorized'],
    [404, 'not_found'],
    [422, 'invalid'],
    [500, 'unavailable'],
  ])('says what was asked, but for its query, and what was answered: %d', async (status, code) => {
    expect(await refusal(status, {}, '{"detail":"no"}')).toMatchObject({
      ...{ code, status, answer: { detail: 'no' } },
      message: `GET /v1/optimize: ${status} {"detail":"no"}`,
    })
  })

  test('says where it was sent to only where that is a redirect', async () => {
    const location = `https://example.com/${'x'.repeat(600)}`
    expect((await refusal(302, { location }, 'moved')).message).toBe(
      `GET /v1/optimize: 302 to ${location.slice(0, 500)}, which is not followed, as the key is only for the API; is baseUrl right?`,
    )
    expect((await refusal(302, {}, 'moved')).message).toBe('GET /v1/optimize: 302 moved')
    expect((await refusal(400, { location }, 'bad')).message).toBe('GET /v1/optimize: 400 bad')
  })

  test('has no key, also where the API repeats it', async () => {
    const apiKey = 'ok_live_0123456789'
    const { at } = await recordedApi(() => ({
      status: 401,
      body: { detail: `the key ${apiKey} was revoked`, keys: [apiKey, apiKey, apiKey] },
    }))
    const error = await errorOf(listOptimizations({ ...at, apiKey }))
    expect(error).toMatchObject({ code: 'unauthorized', answer: { detail: 'the key … was revoked' } })
    expect(error.message + JSON.stringify(error.answer)).not.toContain(apiKey)
    const headers = { location: `https://sign-in.example/?for=${apiKey}` }
    const led = await recordedApi(() => ({ status: 302, headers }))
    const { message } = await errorOf(listOptimizations({ ...led.at, apiKey }))
    expect(message).toContain('302 to https://sign-in.example/?for=…, which')
  })

  test.each([
    ['an answer', 401, {}, `${'x'.repeat(490)}ok_live_0123456789`],
    ['an address', 302, { location: `https://example.com/${'x'.repeat(470)}ok_live_0123456789` }, ''],
  ])('has no part of a key, where %s is cut off in it', async (_, status, headers, body) => {
    const { at } = await recordedApi(() => ({ status, headers, body }))
    const { message } = await errorOf(listOptimizations({ ...at, apiKey: 'ok_live_0123456789' }))
    expect(message).toContain('xx…')
    expect(message).not.toContain('ok_')
  })

  test('has no secret of a webhook, though the API repeats the body that it refuses', async () => {
    const secret = 'whsec_"größer\\'
    const { at, asked } = await recordedApi((_, count) => {
      const { body } = asked[count - 1] ?? { body: '' }
      return { status: 422, body: { detail: [{ input: JSON.parse(body) }] } }
    })
    const created = { ...at, ...model, name: 'n', webhookUrl: webhook.url, webhookSecret: secret }
    const calls = [
      () => registerWebhook({ ...at, ...webhook, secret }),
      () => createTrigger(created),
      () => updateTrigger({ ...at, id: 'trg_1', webhookSecret: secret }),
    ]
    for (const call of calls) {
      const error = await errorOf(call())
      expect(error.message).toContain('"…"')
      expect(error.message + JSON.stringify(error.answer)).not.toMatch(/whsec_|größer/)
    }
  })

  test('has no more than the beginning of a long answer', async () => {
    const { message } = await refusal(500, {}, 'x'.repeat(100_000))
    expect(message).toBe(`GET /v1/optimize: 500 ${'x'.repeat(500)}`)
  })

  test('has the cause where there was no answer', async () => {
    const error = await errorOf(listOptimizations({ apiKey: 'k', baseUrl: 'http://127.0.0.1:9' }))
    expect(error.message).toBe('GET /v1/optimize: no answer from 127.0.0.1:9')
    expect(error.cause).toBeInstanceOf(TypeError)
  })

  test('is an answer that is no JSON, also where it would not be looked at', async () => {
    const { at } = await recordedApi(() => ({ body: '<html>' }))
    expect(await errorOf(deleteTrigger({ ...at, id: 'trg_1' }))).toMatchObject({
      ...{ code: 'unexpected', status: 200 },
      message: 'DELETE /api/v2/triggers/trg_1: the answer is not JSON',
    })
  })

  test.each(['[]', '"text"', '7'])('is a trigger that is %s', async (body) => {
    const { at } = await recordedApi(() => ({ body }))
    const error = await errorOf(toggleTrigger({ ...at, id: 'trg_1', enabled: false }))
    expect(error).toMatchObject({ code: 'unexpected', answer: JSON.parse(body) })
  })

  test('is a fitness that is no number', async () => {
    const { at } = await recordedApi(() => ({ body: { ...running('opt_1'), best_fitness: '7' } }))
    expect((await errorOf(getOptimization({ ...at, id: 'opt_1' }))).message).toMatch(
      /^the answer is not an optimization: best_fitness: Invalid input: expected number/,
    )
  })
})

describe('a trigger', () => {
  test('is what JAOT answers to a toggle, and has its id where JAOT answers nothing', async () => {
    const full = await recordedApi(() => ({ body: { enabled: false } }))
    const empty = await recordedApi(() => ({ status: 204 }))
    const toggled = ({ at }: typeof full) => toggleTrigger({ ...at, id: 'trg_1', enabled: false })
    expect(await toggled(full)).toEqual({ id: 'trg_1', answer: { id: 'trg_1', enabled: false } })
    expect(await toggled(empty)).toEqual({ id: 'trg_1', answer: { id: 'trg_1' } })
  })

  test.each([
    { documentId: 'd', modelProjectId: 'p' },
    { documentId: 'd', modelProjectVersionId: 'v' },
    { versionId: 'v', modelProjectId: 'p' },
    { versionId: 'v', modelProjectVersionId: 'v' },
    { ...model, modelProjectId: 'p' },
    { ...model, modelProjectId: 'p', modelProjectVersionId: 'v' },
    { documentId: 'd' },
    { modelProjectVersionId: 'v' },
  ])('runs one model, and not %j', async (given) => {
    const { at, asked } = await recordedApi(() => ({}))
    const creating = createTrigger({ ...at, name: 'n', webhookUrl: webhook.url, ...(given as typeof model) })
    await expect(creating).rejects.toThrow(/^a trigger runs one model/)
    expect(asked).toEqual([])
  })

  test.each([
    ['has nothing to be changed', {}, {}, []],
    ['has a secret to be set', {}, { secret: 'whsec_1' }, ['PATCH']],
    ['reports elsewhere', { webhook_url: 'https://example.com/old' }, {}, ['PATCH']],
    ['is disabled', { is_enabled: false }, {}, ['POST']],
    ['is disabled, as an older emulator writes it,', { enabled: false }, {}, ['POST']],
  ])('that %s is asked for, and changed no further', async (_, before, more, changes) => {
    const { at, asked } = await recordedApi((_line, count) => ({
      body: count === 1 ? { ...trigger, ...before } : trigger,
    }))
    const ensured = await ensureWebhook({ ...at, id: 'trg_1', url: webhook.url, ...more })
    expect(asked.map(({ line }) => line.split(' ')[0])).toEqual(['GET', ...changes])
    expect(ensured.trigger.answer).toEqual({ ...trigger, ...(changes.length === 0 && before) })
  })
})

describe('a list', () => {
  const namesOf = async (list: AsyncIterable<{ id: string }>) => {
    const ids: string[] = []
    for await (const { id } of list) ids.push(id)
    return ids
  }

  test('is asked for with what is given, and no more', async () => {
    const { at, lines } = await recordedApi(() => ({ body: [] }))
    await listOptimizations(at)
    await listOptimizations({ ...at, limit: 5 })
    await listOptimizations({ ...at, limit: 5, offset: 10 })
    expect(lines()).toEqual([
      'GET /v1/optimize',
      'GET /v1/optimize?limit=5',
      'GET /v1/optimize?limit=5&offset=10',
    ])
  })

  test('has all that is known of an optimization', async () => {
    const known = {
      strategy_used: 'cma',
      completed_at: '2026-02-19T06:00:15Z',
      error: { reason: 'diverged' },
    }
    const { at } = await recordedApi(() => ({ body: [{ ...running('opt_1'), ...known }] }))
    expect(await listOptimizations(at)).toMatchObject([{ id: 'opt_1', ...known }])
  })

  test('ends with an empty page, and is not waited for where the API asks for no wait', async () => {
    const { at, lines } = await recordedApi((line) => ({
      body: line.endsWith('=0') ? [running('opt_1'), running('opt_2')] : [],
    }))
    const clock = {
      now: () => 0,
      after: () => {
        throw new Error('nothing is to be waited for')
      },
    }
    expect(await namesOf(allOptimizations({ ...at, limit: 2, clock }))).toEqual(['opt_1', 'opt_2'])
    expect(lines()).toHaveLength(2)
  })

  test('of an API that answers more than was asked for has one page', async () => {
    const { at, lines } = await recordedApi(() => ({ body: [running('opt_1'), running('opt_2')] }))
    expect(await namesOf(allOptimizations({ ...at, limit: 1 }))).toEqual(['opt_1', 'opt_2'])
    expect(lines()).toHaveLength(1)
  })

  test.each([1, 3, 4])('of %d runs is not asked for beyond its last page', async (total) => {
    const { at, lines } = await recordedApi((line) => {
      const page = Number(/page=(\d+)/.exec(line)?.[1])
      const items = Array.from({ length: total }, (_, index) => running(`trun_${index}`))
      return { body: { items: items.slice(page * 2 - 2, page * 2), total, page, page_size: 2 } }
    })
    const ids = await namesOf(allRuns({ ...at, triggerId: 't', pageSize: 2 }))
    expect(ids).toHaveLength(total)
    expect(lines()).toHaveLength(Math.ceil(total / 2))
  })

  test.each([
    ['runs', (at: At) => allRuns({ ...at, triggerId: 't' })],
    ['optimizations', (at: At) => allOptimizations(at)],
  ])('of %s is read to its end where the API answers smaller pages than it is asked for', async (_, all) => {
    const { at } = await recordedApi((line) => {
      const from = Number(/offset=(\d+)/.exec(line)?.[1] ?? 2 * Number(/page=(\d+)/.exec(line)?.[1]) - 2)
      const items = ['1', '2', '3', '4', '5'].map(running).slice(from, from + 2)
      return { body: line.includes('/runs') ? { items, total: 5, page: 1 + from / 2, page_size: 2 } : items }
    })
    expect(await namesOf(all(at))).toEqual(['1', '2', '3', '4', '5'])
  })

  test('that answers its first page whatever page is asked for is given up', async () => {
    const { at, lines } = await recordedApi(() => ({
      body: { items: [running('trun_1'), running('trun_2')], total: 1_000_000, page: 1, page_size: 2 },
    }))
    const error = await errorOf(namesOf(allRuns({ ...at, triggerId: 't', pageSize: 2 })))
    expect(error).toMatchObject({ code: 'unexpected', message: expect.stringContaining('nothing new') })
    expect(lines()).toHaveLength(11)
  })

  test('an optimization that may not be seen is asked for at one path only', async () => {
    const { at, lines } = await recordedApi(() => ({ status: 401 }))
    await errorOf(getOptimization({ ...at, id: 'opt_1' }))
    expect(lines()).toEqual(['GET /v1/optimize/opt_1'])
  })
})
