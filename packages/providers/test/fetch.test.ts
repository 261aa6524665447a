import { ConfigurationError, type EventMap, memoryInbox, type Receiver } from '@hookport/core'
import { nodeWebhooks } from '@hookport/core/node'
import { jaot, jaotReceiver } from '@hookport/providers/jaot'
import { createTrigger, fireTrigger, jaotApi } from '@hookport/providers/jaot-api'
import { sematryx, sematryxReceiver } from '@hookport/providers/sematryx'
import { getOptimization, registerWebhook, sematryxApi } from '@hookport/providers/sematryx-api'
import { startEmulator } from '@hookport/sender'
import { listen } from '@hookport/testkit/http/serving'
import { silentLogger } from '@hookport/testkit/logs'
import { expect, onTestFinished, test } from 'vitest'
import { recordedApi } from './support/recorded-api.ts'

const secret = 'whsec_fetch'
const quiet = () => ({ inbox: memoryInbox(), logger: silentLogger })

async function serveReceiver<Events extends EventMap>(receiver: Receiver<Events>): Promise<string> {
  const { origin, stop } = await listen(nodeWebhooks(receiver), {})
  onTestFinished(async () => {
    await stop()
    await receiver.stop()
  })
  return `${origin}/webhooks/${receiver.provider}`
}

async function emulator(options: Parameters<typeof startEmulator>[0] = {}) {
  const started = await startEmulator({ apiKeys: ['ok_live_1'], ...options })
  onTestFinished(() => started.close())
  return { ...started, api: { apiKey: 'ok_live_1', baseUrl: started.url } }
}

test.each(['real', 'documented'] as const)(
  'the run of an event in the %s form is fetched by its trigger and its id, with the solution',
  async (jaotForm) => {
    const { api, settled } = await emulator({ jaotForm })
    const receiver = jaotReceiver({ secret, api: jaotApi(api), ...quiet() })
    const fetched: unknown[] = []
    receiver.onEvent(['trigger.execution.completed', 'trigger.run.completed'], async (event) => {
      const run = await event.fetch()
      fetched.push([run.id, run.status, run.result_data])
    })
    const url = await serveReceiver(receiver)
    const trigger = await createTrigger({
      ...api,
      name: 'Nightly',
      documentId: 'doc_1',
      versionId: 'ver_1',
      webhookUrl: url,
      webhookSecret: secret,
    })
    const { runId } = await fireTrigger({ ...api, ...trigger })
    await settled()
    await receiver.idle()
    expect(fetched).toEqual([[runId, 'completed', expect.any(Object)]])
  },
)

test('the optimization of an event is fetched', async () => {
  const { api, emit, settled } = await emulator()
  const receiver = sematryxReceiver({ secret, api: sematryxApi(api), ...quiet() })
  const fetched: string[] = []
  receiver.onEvent('optimization.failed', async (event) => {
    const { id, status } = await event.fetch()
    fetched.push(id === event.data.optimization_id ? status : 'another one')
  })
  await registerWebhook({
    ...api,
    url: await serveReceiver(receiver),
    events: ['optimization.failed'],
    secret,
  })
  emit('sematryx', 'optimization.failed')
  await settled()
  await receiver.idle()
  expect(fetched).toEqual(['failed'])
})

test('an answer about another run, or another optimization, is not believed', async () => {
  const { at } = await recordedApi(() => ({ body: { id: 'other', status: 'completed' } }))
  const run = about({ run_id: 'trun_1', trigger_id: 'trg_1' })
  const optimization = about({ optimization_id: 'opt_1' })
  await expect(jaot({ secret, api: jaotApi(at) }).fetch?.(run, live())).rejects.toThrow(
    'trun_1 was asked for, and the answer is about other',
  )
  await expect(sematryx({ secret, api: sematryxApi(at) }).fetch?.(optimization, live())).rejects.toThrow(
    'opt_1 was asked for, and the answer is about other',
  )
})

test('an optimization is known by either of its two ids', async () => {
  const answered = { id: '17', operation_id: 'opt_1', status: 'completed' }
  const { at } = await recordedApi(() => ({ body: answered }))
  expect((await getOptimization({ ...at, id: 'opt_1' })).answer).toEqual(answered)
})

test('without a key, fetching says which option is missing', async () => {
  const { fetch } = jaot({ secret })
  await expect(fetch?.(about({ run_id: 'r', trigger_id: 't' }), live())).rejects.toThrow(
    /give the receiver \{ api: jaotApi\(\{ apiKey, baseUrl \}\) \}/,
  )
})

test('without a key for Sematryx, too', async () => {
  const { fetch } = sematryx({ secret })
  await expect(fetch?.(about({ optimization_id: 'opt_1' }), live())).rejects.toThrow(
    /give the receiver \{ api: sematryxApi\(\{ apiKey \}\) \}/,
  )
})

test.each([{ trigger_id: 't' }, { run_id: 'r' }])(
  'an event that is about no run says so: %o',
  async (data) => {
    const { fetch } = jaot({ secret, api: jaotApi({ apiKey: 'k', baseUrl: 'http://127.0.0.1:9' }) })
    await expect(fetch?.(about(data), live())).rejects.toThrow(/does not name a run of a trigger/)
  },
)

test('an event that is about no optimization says so', async () => {
  const api = sematryxApi({ apiKey: 'k', baseUrl: 'http://127.0.0.1:9' })
  const { fetch } = sematryx({ secret, api })
  await expect(fetch?.(about({}), live())).rejects.toThrow(/does not name an optimization/)
})

test('what can not be fetched, whatever an API would answer, is a ConfigurationError', async () => {
  const of = { apiKey: 'k', baseUrl: 'http://127.0.0.1:9' }
  const run = about({ run_id: 'r', trigger_id: 't' })
  const fetching = [
    jaot({ secret }).fetch?.(run, live()),
    jaot({ secret, api: jaotApi(of) }).fetch?.(about({}), live()),
    sematryx({ secret }).fetch?.(about({ optimization_id: 'opt_1' }), live()),
    sematryx({ secret, api: sematryxApi(of) }).fetch?.(about({}), live()),
  ]
  for (const fetched of fetching) await expect(fetched).rejects.toBeInstanceOf(ConfigurationError)
})

function about(data: object) {
  return { type: 'trigger.execution.completed', payload: { data } } as unknown as Parameters<
    NonNullable<ReturnType<typeof jaot>['fetch']>
  >[0]
}

function live() {
  return { signal: new AbortController().signal }
}

test('what is given for the API must be one', () => {
  // @ts-expect-error the options of an API are no API
  expect(() => jaot({ secret, api: { apiKey: 'k' } })).toThrow(/api is a object; it must be what jaotApi/)
})

test('an API is bound with known options only', () => {
  const [forJaot, forSematryx] = [jaotApi, sematryxApi] as unknown as ((...given: unknown[]) => unknown)[]
  for (const [name, bind] of Object.entries({ jaotApi: forJaot, sematryxApi: forSematryx })) {
    expect(() => bind?.({ apiKye: 'k' })).toThrow(
      new ConfigurationError('unknown option apiKye; did you mean apiKey?'),
    )
    expect(() => bind?.()).toThrow(`${name}: the options are undefined; they must be an object`)
    expect(() => bind?.({ apiKey: undefined, baseUrl: 'https://x' })).not.toThrow() // as in a build: its calls reject
  }
})
