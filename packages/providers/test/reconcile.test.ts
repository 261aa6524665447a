import {
  createReceiver,
  type EventMap,
  memoryInbox,
  type Receiver,
  type Source,
  type WebhookEvent,
} from '@hookport/core'
import { nodeWebhooks } from '@hookport/core/node'
import { inboxInFront } from '@hookport/core/testing'
import { jaotReceiver } from '@hookport/providers/jaot'
import { createTrigger, fireTrigger, jaotRuns } from '@hookport/providers/jaot-api'
import { sematryx, sematryxReceiver } from '@hookport/providers/sematryx'
import { registerWebhook, sematryxOptimizations } from '@hookport/providers/sematryx-api'
import { type AnswerFate, type EmulatorOptions, type Fate, startEmulator } from '@hookport/sender'
import { serveApp } from '@hookport/testkit/http/serve-and-post'
import { listen } from '@hookport/testkit/http/serving'
import { recordedLogger, silentLogger } from '@hookport/testkit/logs'
import { describe, expect, onTestFinished, test } from 'vitest'

const secret = 'whsec_reconcile'
const minute = 60_000

async function emulator(options: EmulatorOptions = {}) {
  const started = await startEmulator({ apiKeys: ['ok_live_1'], ...options })
  onTestFinished(() => started.close())
  return { ...started, api: { apiKey: 'ok_live_1', baseUrl: started.url } }
}

async function serve<Events extends EventMap>(receiver: Receiver<Events>): Promise<string> {
  const { origin, stop } = await listen(nodeWebhooks(receiver), {})
  onTestFinished(async () => {
    await stop()
    await receiver.stop()
  })
  return `${origin}/webhooks/${receiver.provider}`
}

const receiving = { consume: false, logger: silentLogger } as const
const model = { documentId: 'doc_1', versionId: 'ver_1', webhookSecret: secret }

/** JAOT with one trigger, whose webhooks have this fate, and a receiver that compares. */
async function jaotWith(
  fateOf: (index: number) => Fate,
  options: EmulatorOptions = {},
  more: Partial<Parameters<typeof jaotRuns>[0]> = {},
) {
  let sent = 0
  const losses = { fateOf: () => fateOf(sent++), ...options.losses }
  const { api, settled } = await emulator({ ...options, losses })
  const log = recordedLogger()
  const handled: WebhookEvent[] = []
  const reconcile = jaotRuns({ ...api, every: minute, ...more })
  const receiver = jaotReceiver({ secret, ...receiving, logger: log.logger, reconcile, inbox: memoryInbox() })
  receiver.onAnyEvent((event) => void handled.push(event))
  const webhookUrl = await serve(receiver)
  const trigger = await createTrigger({ ...api, ...model, name: 'Täglich', webhookUrl })
  return {
    receiver,
    handled,
    log,
    async fire(outcome = 'completed', overrideData?: object) {
      const baseUrl = `${api.baseUrl}` // the emulator's own way to say how a run ends
      const response = await fetch(`${baseUrl}/api/v2/triggers/${trigger.id}/fire?outcome=${outcome}`, {
        method: 'POST',
        headers: { authorization: `Bearer ${trigger.triggerSecret}`, 'content-type': 'application/json' },
        body: JSON.stringify({ override_data: overrideData ?? {} }),
      })
      await settled()
      return ((await response.json()) as { run_id: string }).run_id
    },
    trigger,
  }
}

describe('a run of JAOT', () => {
  test.each(['completed', 'failed'])(
    'that %s without a webhook is taken on in the form that is really sent',
    async (status) => {
      const { receiver, handled, fire, trigger } = await jaotWith(() => 'lost')
      const run = await fire(status)
      expect(await receiver.reconcile()).toMatchObject({ missing: 1, takenOn: 1 })
      await receiver.drain()
      expect(handled).toMatchObject([
        {
          id: `trigger.execution.${status}:${run}`,
          type: `trigger.execution.${status}`,
          origin: 'reconciled',
          aliases: [`jaot:~end:${status}:${run}`],
          data: { run_id: run, trigger_id: trigger.id, trigger_name: 'Täglich', status },
        },
      ])
      expect(Object.keys(handled[0]?.payload ?? {})).toEqual([
        'data',
        'event',
        'organization_id',
        'timestamp',
      ])
      expect(handled[0]?.payload.timestamp).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}\+00:00Z$/)
    },
  )

  test('that ends by an unexpected error is found, though JAOT never sends anything of it', async () => {
    const { receiver, handled, fire, log } = await jaotWith(() => 'sent')
    await fire('lost')
    await receiver.reconcile()
    await receiver.drain()
    expect(handled).toMatchObject([{ type: 'trigger.execution.failed' }])
    expect(log.at('warn')).toMatchObject([
      { details: { reasons: [expect.stringMatching(/has sent no webhook of it/)] } },
    ])
  })

  test.each(['real', 'documented'] as const)(
    'whose webhook came in the %s form is known',
    async (jaotForm) => {
      const { receiver, handled, fire } = await jaotWith(() => 'sent', { jaotForm })
      await fire()
      await fire('failed')
      await fire('validation_failed')
      expect(await receiver.reconcile()).toMatchObject({ listed: 3, missing: 0 })
      await receiver.drain()
      expect(handled).toHaveLength(3)
    },
  )

  test('that goes on is left until it ends', async () => {
    const { receiver, fire } = await jaotWith(() => 'lost', {
      losses: { runMs: () => 1_000, fateOf: () => 'lost' },
    })
    const fired = fire()
    await expect.poll(() => receiver.reconcile()).toMatchObject({ listed: 1, missing: 0 })
    await fired
    expect(await receiver.reconcile()).toMatchObject({ missing: 1 })
  })

  test('is found behind an answer that broke off, and one that was none', async () => {
    const fates: AnswerFate[] = ['cut-off', 'given', 'unavailable', 'given']
    const answerOf = (path: string) => (path.includes('/api/v2') ? (fates.shift() ?? 'given') : 'given')
    const { receiver, fire } = await jaotWith(() => 'lost', { losses: { answerOf, fateOf: () => 'lost' } })
    await fire()
    expect(await receiver.reconcile()).toMatchObject({ takenOn: 1, more: false })
    expect(fates).toEqual([])
  })
})

test('a page of runs that has less than it says is asked for again, the last one, too', async () => {
  const runs = Array.from({ length: 150 }, (_, index) => ({
    id: `trun_${index}`,
    status: 'completed',
    created_at: '2026-01-01T00:00:00Z',
  }))
  let asked = 0
  const url = await serveApp((request, response) => {
    const page = Number(new URL(request.url ?? '', 'http://x').searchParams.get('page'))
    const items = runs.slice((page - 1) * 100, page * 100)
    asked += 1
    const isCutOff = asked === 1 || asked === 3
    const body = { items: isCutOff ? items.slice(0, 40) : items, total: 150, page, page_size: 100 }
    response.setHeader('content-type', 'application/json').end(JSON.stringify(body))
  })
  const source: Source = jaotRuns({ apiKey: 'k', baseUrl: url, triggers: ['trg_1'], every: minute })
  const asking = { signal: new AbortController().signal, onRateLimit: () => {} }
  const first = { itemsBefore: 0, pagesBefore: 0 }
  await expect(source.readPage('trg_1', first, asking)).rejects.toThrow(/has 40 of 100: it was cut off/)
  expect(await source.readPage('trg_1', first, asking)).toMatchObject({ count: 100, isLast: false })
  const last = { itemsBefore: 100, pagesBefore: 1 }
  await expect(source.readPage('trg_1', last, asking)).rejects.toThrow(/has 40 of 50: it was cut off/)
  expect(await source.readPage('trg_1', last, asking)).toMatchObject({ count: 50, isLast: true })
})

test('where the last page of runs is full, no page is asked for after it', async () => {
  const items = Array.from({ length: 100 }, (_, index) => ({
    id: `trun_${index}`,
    status: 'completed',
    created_at: '2026-01-01T00:00:00Z',
  }))
  const body = JSON.stringify({ items, total: 100, page: 1, page_size: 100 })
  const url = await serveApp((_, response) =>
    response.setHeader('content-type', 'application/json').end(body),
  )
  const source: Source = jaotRuns({ apiKey: 'k', baseUrl: url, triggers: ['trg_1'], every: minute })
  const asking = { signal: new AbortController().signal, onRateLimit: () => {} }
  const first = { itemsBefore: 0, pagesBefore: 0 }
  expect(await source.readPage('trg_1', first, asking)).toMatchObject({ count: 100, isLast: true })
})

test('receivers of a trigger each compare with its runs alone', async () => {
  const { api } = await emulator({ losses: { fateOf: () => 'lost' } })
  const inbox = memoryInbox()
  const triggers = await Promise.all(
    ['one', 'two'].map((name) =>
      createTrigger({ ...api, ...model, name, webhookUrl: 'http://127.0.0.1:9/' }),
    ),
  )
  const receivers = triggers.map(({ id }, index) =>
    jaotReceiver({
      ...{ secret, ...receiving, inbox, name: `jaot-${index}` },
      reconcile: jaotRuns({ ...api, triggers: [id], every: minute }),
    }),
  )
  for (const trigger of triggers) await fireTrigger({ ...api, ...trigger })
  for (const receiver of receivers)
    expect(await receiver.reconcile()).toMatchObject({ listed: 1, takenOn: 1 })
  expect(() =>
    jaotReceiver({ secret, ...receiving, name: 'jaot-all', reconcile: jaotRuns({ ...api, every: minute }) }),
  ).toThrow(/vents would be handled twice/)
})

test.each([[[]], ['trg_1'], [['']], [[undefined]], [null]])(
  'the triggers of JAOT can not be %j',
  (triggers) => {
    const source = () =>
      jaotRuns({ apiKey: 'k', baseUrl: 'https://x', every: minute, triggers: triggers as never })
    expect(source).toThrow(/triggers is .*list of at least one trigger id/)
  },
)

test.each([
  [{ trigger: ['trg_1'] }, /jaotRuns: there is no option trigger; did you mean triggers\?/],
  [{ apiKey: undefined }, /jaotRuns: apiKey is missing/],
  [{ apiKey: 'k\n' }, /jaotRuns: apiKey has white space/],
  [{ baseUrl: undefined }, /baseUrl is missing/],
  [{ baseUrl: 'jaot.example.com' }, /baseUrl is "jaot.example.com"/],
  [{ tenantOf: 'trg_1' }, /jaotRuns: tenantOf is a string; it must be a function/],
])('a source with %o is refused at the start, and not by its first pass', (mistake, complaint) => {
  const options = { apiKey: 'k', baseUrl: 'https://x', every: minute, ...(mistake as object) }
  expect(() => jaotRuns(options)).toThrow(complaint)
})

test.each([undefined, null, 'k'])('options of a source that are %s are an error that says so', (given) => {
  const missing = 'the options are missing; they must be an object'
  expect(() => jaotRuns(given as never)).toThrow(`jaotRuns: ${missing}`)
  expect(() => sematryxOptimizations(given as never)).toThrow(`sematryxOptimizations: ${missing}`)
})

test.each([
  [{ onlyy: () => true }, /sematryxOptimizations: there is no option onlyy; did you mean only\?/],
  [{ only: 'opt_1' }, /sematryxOptimizations: only is a string; it must be a function/],
  [{ apiKey: '' }, /sematryxOptimizations: apiKey is missing/],
  [{ baseUrl: 'x' }, /baseUrl is "x"/],
])('one of Sematryx with %o, too', (mistake, complaint) => {
  const options = { apiKey: 'k', every: minute, ...(mistake as object) }
  expect(() => sematryxOptimizations(options)).toThrow(complaint)
})

describe('an optimization of Sematryx', () => {
  async function sematryxWith(options: EmulatorOptions = {}) {
    const { api, emit, settled } = await emulator(options)
    const handled: WebhookEvent[] = []
    const reconcile = sematryxOptimizations({ ...api, every: minute })
    const receiver = sematryxReceiver({ secret, ...receiving, reconcile, inbox: memoryInbox() })
    receiver.onAnyEvent((event) => void handled.push(event))
    const events = [
      'optimization.completed',
      'optimization.failed',
      'optimization.cancelled',
      'optimization.timeout',
      'optimization.started',
    ] as const
    await registerWebhook({ ...api, url: await serve(receiver), events, secret })
    return { receiver, handled, emit, settled, events }
  }

  test.each(['array', 'operations', 'results'] as const)(
    'that completed without a webhook is found in a list that is written as %s, with what it found',
    async (sematryxList) => {
      const { receiver, handled, emit } = await sematryxWith({
        sematryxList,
        losses: { fateOf: () => 'lost' },
      })
      emit('sematryx', 'optimization.completed')
      emit('sematryx', 'optimization.cancelled')
      expect(await receiver.reconcile()).toMatchObject({ takenOn: 2 })
      await receiver.drain()
      const types = handled.map(({ type }) => type).sort()
      expect(types).toEqual(['optimization.cancelled', 'optimization.completed'])
      const completed = handled.find(({ type }) => type === 'optimization.completed')
      expect(completed?.data).toMatchObject({
        result: { best_solution: expect.any(Array), best_fitness: expect.any(Number) },
      })
    },
  )

  test('whose webhook came, whatever it told of, is known, and what has not ended is left', async () => {
    const { receiver, handled, emit, settled, events } = await sematryxWith()
    for (const type of events) emit('sematryx', type)
    await settled()
    expect(await receiver.reconcile()).toMatchObject({ listed: 5, missing: 0 })
    await receiver.drain()
    expect(handled).toHaveLength(5)
  })

  test('that diverged is told of with its infinities', async () => {
    const body =
      '[{"id":"opt_1","status":"completed","best_solution":[NaN,-Infinity],"best_fitness":Infinity,"evaluations":7,"duration_seconds":1.5,"created_at":"2099-01-01T00:00:00Z"}]'
    const url = await serveApp(
      (_, response) => void response.setHeader('content-type', 'application/json').end(body),
    )
    const reconcile = sematryxOptimizations({ apiKey: 'k', baseUrl: url, every: minute })
    const receiver = createReceiver({ provider: sematryx({ secret }), ...receiving, reconcile })
    onTestFinished(() => receiver.stop())
    const seen: unknown[] = []
    receiver.onEvent('optimization.completed', ({ data }) => void seen.push(data.result))
    await receiver.reconcile()
    await receiver.drain()
    expect(seen).toMatchObject([
      { best_solution: [Number.NaN, Number.NEGATIVE_INFINITY], best_fitness: Number.POSITIVE_INFINITY },
    ])
  })

  test('of which the list leaves a part out is asked for once, and not where it is known', async () => {
    const whole = {
      ...{ id: 'opt_1', status: 'completed', created_at: '2099-01-01T00:00:00Z', completed_at: 'just now' },
      ...{ best_solution: [1], best_fitness: 2, evaluations: 3, duration_seconds: 4 },
    }
    const { evaluations: _, ...listed } = whole
    const asked: string[] = []
    const url = await serveApp((request, response) => {
      const path = (request.url ?? '').split('?')[0] ?? ''
      asked.push(path)
      const body = path === '/v1/optimize' ? [listed] : whole
      response.setHeader('content-type', 'application/json').end(JSON.stringify(body))
    })
    const inbox = memoryInbox()
    const seen: unknown[] = []
    const reconciled = async () => {
      const reconcile = sematryxOptimizations({ apiKey: 'k', baseUrl: url, every: minute })
      const receiver = createReceiver({
        ...{ provider: sematryx({ secret }), ...receiving, reconcile },
        inbox: inboxInFront(inbox, { close: async () => {} }),
      })
      receiver.onEvent(
        'optimization.completed',
        ({ data, createdAt }) => void seen.push(data.result, createdAt),
      )
      const counts = await receiver.reconcile()
      await receiver.drain()
      await receiver.stop()
      return counts
    }
    const first = await reconciled()
    expect(first).toMatchObject({ takenOn: 1, left: 0, calls: asked.length })
    expect(await reconciled()).toMatchObject({ listed: 1, takenOn: 0, calls: asked.length - first.calls })
    expect(seen).toMatchObject([{ evaluations: 3 }, new Date('2099-01-01T00:00:00Z')])
    expect(asked.filter((path) => path === '/v1/optimize/opt_1')).toHaveLength(1)
  })

  test('and is not yet told of as ended where it is asked for, is left until it is', async () => {
    const listed = { id: 'opt_1', status: 'completed', created_at: '2099-01-01T00:00:00Z' }
    const result = { best_solution: [1], best_fitness: 2, evaluations: 3, duration_seconds: 4 }
    let isBehind = true // what answers is a copy that is behind
    const url = await serveApp((request, response) => {
      const whole = { ...listed, ...result, ...(isBehind && { status: 'running' }) }
      const body = request.url?.includes('opt_1') ? whole : [listed]
      response.setHeader('content-type', 'application/json').end(JSON.stringify(body))
    })
    const reconcile = sematryxOptimizations({ apiKey: 'k', baseUrl: url, every: minute })
    const receiver = createReceiver({ provider: sematryx({ secret }), ...receiving, reconcile })
    const handled: string[] = []
    receiver.onAnyEvent(({ type }) => void handled.push(type))
    expect(await receiver.reconcile()).toMatchObject({ takenOn: 0, left: 1 })
    isBehind = false
    expect(await receiver.reconcile()).toMatchObject({ takenOn: 1, left: 0 })
    await receiver.drain()
    expect(handled).toEqual(['optimization.completed'])
  })

  test('is asked for within half of the rate limit', async () => {
    let asked = 0
    const url = await serveApp((_, response) => {
      asked += 1
      const headers = {
        'x-ratelimit-limit': '10',
        'x-ratelimit-remaining': String(10 - asked),
        'x-ratelimit-reset': String(Date.now() / 1000 + 60),
      }
      for (const [name, value] of Object.entries(headers)) response.setHeader(name, value)
      response.setHeader('content-type', 'application/json')
      response.end(
        JSON.stringify([{ id: `opt_${asked}`, status: 'running', created_at: '2026-01-01T00:00:00Z' }]),
      )
    })
    const reconcile = sematryxOptimizations({ apiKey: 'k', baseUrl: url, every: minute, lookBack: 1e13 })
    const receiver = createReceiver({ provider: sematryx({ secret }), ...receiving, reconcile })
    onTestFinished(() => receiver.stop())
    expect(await receiver.reconcile({ maxMs: 500 })).toMatchObject({ more: true })
    expect(asked).toBe(5)
  })
})

describe('what began before the receiver was first started, and has ended since without a webhook', () => {
  const status = 'failed'
  const times = { created_at: '2020-01-01T00:00:00Z', completed_at: '2099-01-01T00:00:00Z' }

  /** An API that has one thing. */
  function serveThing(body: object) {
    return serveApp((_, response) => {
      response.setHeader('content-type', 'application/json').end(JSON.stringify(body))
    })
  }

  test('is taken on, if it is a run of JAOT', async () => {
    const run = { id: 'trun_1', status, ...times }
    const name = { id: 'trg_1', name: 'Nightly' }
    const baseUrl = await serveThing({ ...name, items: [run], total: 1, page: 1, page_size: 100 })
    const reconcile = jaotRuns({ apiKey: 'k', baseUrl, every: minute, triggers: ['trg_1'] })
    const receiver = jaotReceiver({ secret, ...receiving, name: 'nightly', reconcile })
    onTestFinished(() => receiver.stop())
    expect(await receiver.reconcile()).toMatchObject({ listed: 1, takenOn: 1 })
  })

  test('is taken on, if it is an optimization of Sematryx', async () => {
    const baseUrl = await serveThing([{ id: 'opt_1', status, ...times }])
    const reconcile = sematryxOptimizations({ apiKey: 'k', baseUrl, every: minute })
    const receiver = sematryxReceiver({ secret, ...receiving, reconcile })
    onTestFinished(() => receiver.stop())
    expect(await receiver.reconcile()).toMatchObject({ listed: 1, takenOn: 1 })
  })
})
