import { describe, expect, onTestFinished, test } from 'vitest'
import { type EmulatorOptions, startEmulator } from '../src/index.ts'
import { fakeClock } from './fake-clock.ts'
import { answerWith, startReceiver } from './start-receiver.ts'

// Each test is a line of what is known of the real API, and not of the client that calls it.

const nobody = 'http://127.0.0.1:9/hook'
const apiKey = 'ok_live_1'
const asked = {
  name: 'Nightly',
  document_id: 'doc_1',
  version_id: 'ver_1',
  webhook_url: nobody,
  webhook_secret: 'whsec_1',
}

async function start(options: EmulatorOptions = {}) {
  const emulator = await startEmulator({ clock: fakeClock(), ...options })
  onTestFinished(() => emulator.close())

  /** `bearer` undefined: no authorization. */
  async function ask(at: string, body?: unknown, bearer: string | undefined = apiKey) {
    const [method = 'GET', path = '/'] = at.split(' ')
    const response = await fetch(emulator.url + path, {
      method,
      redirect: 'manual',
      headers: bearer === '' ? {} : { authorization: `Bearer ${bearer}` },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
    const text = await response.text()
    const { status, headers } = response
    return { status, headers, body: text === '' ? undefined : JSON.parse(text) }
  }
  async function create(change: object = {}) {
    const { body } = await ask('POST /api/v2/triggers/', { ...asked, ...change })
    const at = `/api/v2/triggers/${body.id}`
    const fire = (given: object = {}, query = '') =>
      ask(`POST ${at}/fire${query}`, given, body.trigger_secret)
    return { id: body.id as string, secret: body.trigger_secret as string, at, fire }
  }
  return { emulator, ask, create }
}

describe('slashes', () => {
  test.each([
    ['POST', '/api/v2/triggers', '/api/v2/triggers/'],
    ['GET', '/api/v2/triggers', '/api/v2/triggers/'],
    ['GET', '/api/v2/triggers?document_id=doc_1', '/api/v2/triggers/?document_id=doc_1'],
    ['GET', '/api/v2/triggers/trg_1/', '/api/v2/triggers/trg_1'],
    ['POST', '/api/v2/triggers/trg_1/fire/', '/api/v2/triggers/trg_1/fire'],
  ])('%s %s is answered 307', async (method, path, location) => {
    const { ask } = await start()
    const { status, headers } = await ask(`${method} ${path}`, method === 'POST' ? asked : undefined)
    expect([status, headers.get('location')]).toEqual([307, location])
  })
})

describe('keys', () => {
  const calls = [
    'POST /api/v2/triggers/',
    'GET /api/v2/triggers/',
    'GET {trigger}',
    'PATCH {trigger}',
    'POST {trigger}/toggle',
    'GET {trigger}/runs',
    'GET {trigger}/runs/trun_1',
    'POST {trigger}/runs/trun_1/rerun',
    'DELETE {trigger}',
  ]

  test.each(calls)('%s is opened by an API key, and by nothing else', async (call) => {
    const { ask, create } = await start({ apiKeys: [apiKey] })
    const { at, secret } = await create()
    const path = call.replace('{trigger}', at)
    for (const other of ['', 'ok_live_2', secret])
      expect(await ask(path, path.startsWith('GET') ? undefined : {}, other)).toMatchObject({ status: 401 })
  })

  test('the trigger secret is no API key, where any key is one', async () => {
    const { ask, create } = await start()
    const { at, secret } = await create()
    expect(await ask(`GET ${at}`, undefined, secret)).toMatchObject({ status: 401 })
  })

  test('fire is opened by the secret of its trigger, in the header or in the body, and by nothing else', async () => {
    const { ask, create } = await start()
    const { at, secret } = await create()
    const other = await create()
    for (const wrong of ['', apiKey, other.secret])
      expect(await ask(`POST ${at}/fire`, {}, wrong)).toMatchObject({ status: 401 })
    expect(await ask(`POST ${at}/fire`, { trigger_secret: other.secret }, secret)).toMatchObject({
      status: 401,
    })
    expect(await ask(`POST ${at}/fire`, {}, secret)).toMatchObject({ status: 202 })
    expect(await ask(`POST ${at}/fire`, { trigger_secret: secret }, '')).toMatchObject({ status: 202 })
  })

  test('a trigger of another API key is not there: 404', async () => {
    const { ask, create } = await start()
    const { at } = await create()
    expect(await ask(`GET ${at}`, undefined, 'ok_live_2')).toMatchObject({ status: 404 })
    expect(await ask('GET /api/v2/triggers/', undefined, 'ok_live_2')).toMatchObject({
      status: 200,
      body: [],
    })
  })
})

describe('triggers', () => {
  test('POST answers 201 with the secret of the trigger, which is shown this once', async () => {
    const { ask } = await start()
    const created = await ask('POST /api/v2/triggers/', asked)
    expect(created).toMatchObject({
      status: 201,
      body: { name: 'Nightly', trigger_secret: expect.any(String) },
    })
    const { id, trigger_secret } = created.body
    const shown = [
      await ask('GET /api/v2/triggers/'),
      await ask(`GET /api/v2/triggers/${id}`),
      await ask(`PATCH /api/v2/triggers/${id}`, { name: 'n' }),
      await ask(`POST /api/v2/triggers/${id}/toggle`, { enabled: true }),
      await ask('GET /emulator/registrations'),
    ]
    expect(JSON.stringify(shown.map(({ body }) => body))).not.toContain(trigger_secret)
    expect(JSON.stringify([created, ...shown].map(({ body }) => body))).not.toContain('whsec_1')
  })

  test('GET answers a bare array, newest first, of one document where asked', async () => {
    const { ask, create } = await start()
    const first = await create()
    const second = await create({ document_id: 'doc_2' })
    const ids = async (query = '') =>
      (await ask(`GET /api/v2/triggers/${query}`)).body.map(({ id }: { id: string }) => id)
    expect(await ids()).toEqual([second.id, first.id])
    expect(await ids('?document_id=doc_1')).toEqual([first.id])
  })

  test.each([
    ['no name', { name: '' }],
    ['no URL', { webhook_url: undefined }],
    ['null for a URL', { webhook_url: null }],
    ['a URL that can not be delivered to', { webhook_url: 'http://a.test' }],
    ['half a pair', { version_id: undefined }],
    ['both pairs', { model_project_id: 'p', model_project_version_id: 'v' }],
    ['no pair', { document_id: undefined, version_id: undefined }],
    ['an empty secret', { webhook_secret: '' }],
  ])('POST with %s: 422', async (_, change) => {
    const { ask } = await start()
    expect(await ask('POST /api/v2/triggers/', { ...asked, ...change })).toMatchObject({ status: 422 })
  })

  test.each([
    'https://10.0.0.1/hook',
    'https://172.16.0.1/hook',
    'https://192.168.1.1/hook',
    'https://169.254.169.254/',
    'https://[fd00::1]/hook',
    'https://[fe80::1]/hook',
    'https://metadata.google.internal/',
  ])('the URL %s is private: 422, of a new trigger and of one that is changed', async (webhook_url) => {
    const { ask, create } = await start()
    expect(await ask('POST /api/v2/triggers/', { ...asked, webhook_url })).toMatchObject({ status: 422 })
    const { id } = await create()
    expect(await ask(`PATCH /api/v2/triggers/${id}`, { webhook_url })).toMatchObject({ status: 422 })
  })

  test.each([
    [
      'a model project',
      { document_id: null, version_id: null, model_project_id: 'p', model_project_version_id: 'v' },
    ],
    ['null for a secret', { webhook_secret: null }],
    ['what is optional', { override_schema: {}, description: 'd', workspace_id: 'w' }],
  ])('POST with %s: 201', async (_, change) => {
    const { ask } = await start()
    expect(await ask('POST /api/v2/triggers/', { ...asked, ...change })).toMatchObject({ status: 201 })
  })

  test.each([[[]], [[7]], [[{ type: 'number' }]]])(
    '%j is no override_schema: 422',
    async (override_schema) => {
      const { ask } = await start()
      expect(await ask('POST /api/v2/triggers/', { ...asked, override_schema })).toMatchObject({
        status: 422,
      })
    },
  )

  test('a trigger says whether it is enabled by is_enabled, as JAOT does', async () => {
    const { ask, create } = await start()
    const { at } = await create()
    expect(await ask(`GET ${at}`)).toMatchObject({ body: { is_enabled: true } })
    const { body } = await ask(`POST ${at}/toggle`, { enabled: false })
    expect(body).toMatchObject({ is_enabled: false })
    expect(body).not.toHaveProperty('enabled')
  })

  test('PATCH changes what it names; null for the URL breaks a NOT NULL column', async () => {
    const { ask, create } = await start()
    const before = { description: 'before', override_schema: { required: ['demand_forecast'] } }
    const { at } = await create(before)
    const moved = `${nobody}/moved`
    expect(await ask(`PATCH ${at}`, { webhook_url: moved })).toMatchObject({
      status: 200,
      body: { webhook_url: moved, name: 'Nightly', ...before },
    })
    expect(await ask(`PATCH ${at}`, { webhook_url: null })).toMatchObject({ status: 500 })
    expect(await ask(`GET ${at}`)).toMatchObject({ body: { webhook_url: moved } })
  })

  test.each(['trg_none', '%zz', '%', 'a%2Fb'])('GET of %s, which is no trigger: 404', async (id) => {
    const { ask } = await start()
    expect(await ask(`GET /api/v2/triggers/${id}`)).toMatchObject({ status: 404 })
  })

  test('DELETE answers 204, and the trigger is gone', async () => {
    const { ask, create } = await start()
    const { at, fire } = await create()
    expect(await ask(`DELETE ${at}`)).toMatchObject({ status: 204, body: undefined })
    expect(await ask(`GET ${at}`)).toMatchObject({ status: 404 })
    expect(await fire()).toMatchObject({ status: 404 })
  })
})

describe('fire', () => {
  test.each([
    ['real', 'completed', 'trigger.execution.completed'],
    ['real', 'failed', 'trigger.execution.failed'],
    ['documented', 'completed', 'trigger.run.completed'],
    ['documented', 'failed', 'trigger.run.failed'],
  ] as const)('%s form, %s: 202 with a pending run, and %s is sent', async (jaotForm, outcome, type) => {
    const { emulator, create } = await start({ jaotForm })
    const { id, fire } = await create()
    const { status, body } = await fire({}, `?outcome=${outcome}`)
    expect({ status, body }).toEqual({ status: 202, body: { run_id: expect.any(String), status: 'pending' } })
    expect(emulator.deliveries()).toMatchObject([{ type, registrationId: id }])
  })

  test('every run has an id of its own', async () => {
    const { create } = await start()
    const { fire } = await create()
    expect((await fire()).body.run_id).not.toBe((await fire()).body.run_id)
  })

  test.each([
    [{ demand: 1, other: 2, another: 3 }, 'Unknown override fields: another, other'],
    [{}, 'Missing required override fields: capacity, demand'],
    [{ demand: 1, capacity: 2 }, undefined],
  ])('of a list of fields, %j: %s', async (override_data, error) => {
    const { create } = await start()
    const field = { type: 'number', model_field_path: 'a.b', required: true }
    const override_schema = [
      { ...field, name: 'demand' },
      { ...field, name: 'capacity' },
      { ...field, name: 'budget', required: false },
    ]
    const { fire } = await create({ override_schema })
    const { status, body } = await fire({ override_data })
    expect([status, body.detail?.error]).toEqual([error === undefined ? 202 : 422, error])
  })

  test('a trigger that is disabled: 409, until it is enabled', async () => {
    const { ask, create, emulator } = await start()
    const { at, fire } = await create()
    expect(await ask(`POST ${at}/toggle`, { enabled: false })).toMatchObject({ status: 200 })
    expect(await fire()).toMatchObject({ status: 409 })
    expect(emulator.deliveries()).toEqual([])
    await ask(`POST ${at}/toggle`, { enabled: true })
    expect(await fire()).toMatchObject({ status: 202 })
  })

  test.each(['real', 'documented'] as const)(
    'data that does not fit, %s form: 422 with a run, which is recorded and reported',
    async (jaotForm) => {
      const { ask, emulator, create } = await start({ jaotForm })
      const { at, fire } = await create({ override_schema: { required: ['demand_forecast'] } })
      const { status, body } = await fire({ override_data: { other: 1 } })
      const error = 'Missing required field: demand_forecast'
      expect({ status, detail: body.detail }).toEqual({
        status: 422,
        detail: { error, run_id: expect.any(String) },
      })
      const run = await ask(`GET ${at}/runs/${body.detail.run_id}`)
      expect(run.body).toMatchObject({ status: 'validation_failed', error_message: error, result_data: null })
      const [delivery] = emulator.deliveries()
      expect(delivery?.type).toBe('trigger.execution.validation_failed')
      expect(JSON.parse(String(delivery?.request.body)).data).toMatchObject({
        run_id: body.detail.run_id,
        error,
      })
      expect(await fire({ override_data: { demand_forecast: [1] } })).toMatchObject({ status: 202 })
    },
  )

  test('more than 10 in a minute: 429, saying for how long', async () => {
    const clock = { ...fakeClock(), now: () => now }
    let now = 0
    const { create } = await start({ clock })
    const { fire } = await create()
    const other = await create()
    for (let fired = 0; fired < 10; fired++) {
      now = fired * 1000
      expect((await fire()).status).toBe(202)
    }
    const refused = await fire()
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '51'])
    expect(refused.body.detail).toMatchObject({ error: 'rate_limit_exceeded', retry_after: 51 })
    expect((await other.fire()).status).toBe(202)
    now = 60_000
    expect((await fire()).status).toBe(202)
  })

  test('more than 500 in a day: 429', async () => {
    let now = 0
    const { create } = await start({ clock: { ...fakeClock(), now: () => now } })
    const { fire } = await create()
    for (let fired = 0; fired < 500; fired++) {
      now += 6_000
      expect((await fire({}, '?outcome=lost')).status).toBe(202)
    }
    now += 60_000
    const refused = await fire()
    expect(refused.status).toBe(429)
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(20 * 3600)
  })
})

describe('runs', () => {
  test('are paged from 1, newest first, 20 unless told', async () => {
    let now = 0
    const { ask, create } = await start({ clock: { ...fakeClock(), now: () => now } })
    const { at, fire } = await create()
    const fired: string[] = []
    for (let count = 0; count < 25; count++) {
      now += 10_000
      fired.unshift((await fire({}, '?outcome=lost')).body.run_id)
    }
    const page = async (query = '') => {
      const { body } = await ask(`GET ${at}/runs${query}`)
      return { ...body, items: body.items.map(({ id }: { id: string }) => id) }
    }
    expect(await page()).toMatchObject({ items: fired.slice(0, 20), total: 25, page: 1, page_size: 20 })
    expect(await page('?page=3&page_size=10')).toMatchObject({
      items: fired.slice(20),
      page: 3,
      page_size: 10,
    })
    expect(await page('?page=9')).toMatchObject({ items: [], total: 25 })
  })

  test.each(['page=0', 'page=x', 'page_size=0', 'page_size=101'])('?%s: 422', async (query) => {
    const { ask, create } = await start()
    const { at } = await create()
    expect(await ask(`GET ${at}/runs?${query}`)).toMatchObject({ status: 422 })
  })

  test('tell what became of their webhook: null while it is open', async () => {
    let status = 500
    const receiver = await startReceiver((response) => answerWith(status)(response))
    const { ask, create, emulator } = await start()
    const { id, at, fire } = await create({ webhook_url: receiver.url })
    const { body } = await fire({ override_data: { a: 1 } })
    const run = async (runId = body.run_id) => (await ask(`GET ${at}/runs/${runId}`)).body
    await emulator.settled()
    expect(await run()).toMatchObject({
      id: body.run_id,
      trigger_id: id,
      organization_id: expect.any(String),
      override_data: { a: 1 },
      source: 'manual',
      status: 'completed',
      execution_id: expect.any(String),
      result_data: expect.any(Object),
      error_message: null,
      webhook_delivered: false,
      webhook_attempts: 4,
    })
    status = 200
    const good = (await fire()).body.run_id
    await emulator.settled()
    expect(await run(good)).toMatchObject({ webhook_delivered: true, webhook_attempts: 1 })
  })

  test.each([
    ['real', 'completed'],
    ['real', 'failed'],
    ['documented', 'completed'],
    ['documented', 'failed'],
  ] as const)(
    'tell the same as their webhooks, %s form, %s, and are of the one organization of their API key',
    async (jaotForm, outcome) => {
      const { ask, create, emulator } = await start({ jaotForm })
      const organizations: unknown[] = []
      for (const { at, fire } of [await create(), await create()]) {
        const { body } = await fire({}, `?outcome=${outcome}`)
        const run = (await ask(`GET ${at}/runs/${body.run_id}`)).body
        const { data, ...told } = JSON.parse(String(emulator.deliveries().at(-1)?.request.body))
        expect({ ...run, error_message: null, ...data.result, ...data, ...told }).toMatchObject({
          organization_id: run.organization_id,
          execution_id: run.execution_id,
          execution_time_ms: run.execution_time_ms,
        })
        expect(run).toMatchObject({
          result_data: data.result?.solution ?? run.result_data,
          error_message: data.error ?? data.error_message ?? null,
        })
        organizations.push(run.organization_id)
      }
      expect(organizations).toEqual([expect.stringMatching(/^org_/), organizations[0]])
    },
  )

  test('whose webhook is sent twice count the attempts of both', async () => {
    const { url } = await startReceiver(answerWith(200))
    const { ask, create, emulator } = await start({ losses: { fateOf: () => 'twice' } })
    const { at, fire } = await create({ webhook_url: url })
    const { body } = await fire()
    await emulator.settled()
    expect((await ask(`GET ${at}/runs/${body.run_id}`)).body).toMatchObject({
      webhook_delivered: true,
      webhook_attempts: 2,
    })
  })

  test('that were lost are failed, and nothing is sent of them', async () => {
    const { ask, create, emulator } = await start()
    const { at, fire } = await create()
    const { body } = await fire({}, '?outcome=lost')
    expect((await ask(`GET ${at}/runs/${body.run_id}`)).body).toMatchObject({
      status: 'failed',
      webhook_delivered: false,
      webhook_attempts: 0,
    })
    expect(emulator.deliveries()).toEqual([])
  })

  test('rerun: 202 with a run of its own, fired with the same data', async () => {
    const { ask, create } = await start()
    const { at, fire } = await create()
    const { body } = await fire({ override_data: { a: 1 } })
    const again = await ask(`POST ${at}/runs/${body.run_id}/rerun`)
    expect(again).toMatchObject({ status: 202, body: { status: 'pending' } })
    expect(again.body.run_id).not.toBe(body.run_id)
    expect((await ask(`GET ${at}/runs/${again.body.run_id}`)).body).toMatchObject({ override_data: { a: 1 } })
    expect(await ask(`POST ${at}/runs/trun_none/rerun`)).toMatchObject({ status: 404 })
  })
})
