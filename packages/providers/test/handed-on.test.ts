import { createHash } from 'node:crypto'
import { type Asking, ConfigurationError, memoryInbox, type Source } from '@hookport/core'
import { jaot, jaotReceiver } from '@hookport/providers/jaot'
import * as jaotApi from '@hookport/providers/jaot-api'
import { sematryx, sematryxReceiver } from '@hookport/providers/sematryx'
import * as sematryxApi from '@hookport/providers/sematryx-api'
import { feedReceiver, received } from '@hookport/testkit/receivers/feed-receiver'
import { jaotOptions, signedJaot } from '@hookport/testkit/receivers/signed-deliveries'
import { describe, expect, test, vi } from 'vitest'
import { z } from 'zod'
import { recordedApi } from './support/recorded-api.ts'

const every = 60_000
const run = { id: 'trun_1', status: 'failed' }

/** Sources of both, over an API that has nothing. */
async function sourcesOf(options: Partial<Parameters<typeof jaotApi.jaotRuns>[0]> = {}) {
  const { at, lines } = await recordedApi((line) => ({
    body: line.includes('/runs') ? { items: [], total: 0, page: 2, page_size: 100 } : [],
  }))
  const { triggers: _, tenantOf: __, ...common } = options
  return {
    lines,
    jaot: jaotApi.jaotRuns({ ...at, every, triggers: ['trg_1'], ...options }),
    sematryx: sematryxApi.sematryxOptimizations({ ...at, every, ...common }),
  }
}

describe.each(['jaot', 'sematryx'] as const)('the source of %s', (provider) => {
  test('is asked as often, as far back, from when on, and with that share of the rate limit, as its options say', async () => {
    const options = { every: 90_000, lookBack: 7_200_000, from: new Date('2026-01-01'), share: 0.25 }
    expect((await sourcesOf(options))[provider]).toMatchObject(options)
  })

  test.each<[string, (source: Source, asking: Asking) => unknown]>([
    ['a page', (source, asking) => source.readPage('trg_1', { itemsBefore: 0, pagesBefore: 0 }, asking)],
    ['one thing', (source, asking) => source.find('trg_1', 'x_1', asking)],
  ])('asks nothing more once a pass was given up: %s', async (_, ask) => {
    const { [provider]: source, lines } = await sourcesOf()
    const signal = AbortSignal.abort(new Error('the receiver stops'))
    await expect(ask(source, { signal, onRateLimit() {} })).rejects.toThrow('the receiver stops')
    expect(lines()).toEqual([])
  })

  test('goes on with the page after those that were read', async () => {
    const { [provider]: source, lines } = await sourcesOf()
    const asking = { signal: new AbortController().signal, onRateLimit() {} }
    await source.readPage('trg_1', { itemsBefore: 100, pagesBefore: 1 }, asking)
    expect(lines()[0]).toMatch(/\?(page=2&page_size=100|limit=100&offset=100)$/)
  })
})

test('a run whose times no one can read is told of with the time of now, and with null for what is not known', async () => {
  const { at } = await recordedApi((line) => ({
    body: line.includes('/runs/')
      ? { ...run, completed_at: 'soon', created_at: 'before' }
      : { id: 'trg_1', name: 'Nightly' },
  }))
  const source = jaotApi.jaotRuns({ ...at, every, triggers: ['trg_1'] })
  const asking = { signal: new AbortController().signal, onRateLimit() {} }
  const thing = await source.find('trg_1', 'trun_1', asking)
  const told = (await thing?.event((question) => question(asking))) as { timestamp: string }
  expect(told).toMatchObject({ data: { error_message: null, execution_id: null } })
  expect(told.timestamp.slice(0, 10)).toBe(new Date().toISOString().slice(0, 10))
})

test('an optimization whose times no one can read is told of with the time of now', async () => {
  const { at } = await recordedApi(() => ({ body: { id: 'opt_1', status: 'failed', completed_at: 'soon' } }))
  const source = sematryxApi.sematryxOptimizations({ ...at, every })
  const asking = { signal: new AbortController().signal, onRateLimit() {} }
  const thing = await source.find('', 'opt_1', asking)
  const told = (await thing?.event((question) => question(asking))) as { created_at: string }
  expect(told.created_at.slice(0, 10)).toBe(new Date().toISOString().slice(0, 10))
})

test('event.fetch() hands the signal on to the API: what is given up asks no longer', async () => {
  const { signal } = new AbortController()
  const [getRun, getOptimization] = [vi.fn(async () => ({})), vi.fn(async () => ({}))]
  const ofJaot = jaot({ secret: 's', api: { getRun } as never })
  const ofSematryx = sematryx({ secret: 's', api: { getOptimization } as never })
  const payload = { data: { run_id: 'trun_1', trigger_id: 'trg_1', optimization_id: 'opt_1' } }
  await ofJaot.fetch?.({ type: 'x', payload } as never, { signal })
  await ofSematryx.fetch?.({ type: 'x', payload } as never, { signal })
  expect(getRun).toHaveBeenCalledWith({ triggerId: 'trg_1', runId: 'trun_1', signal })
  expect(getOptimization).toHaveBeenCalledWith({ id: 'opt_1', signal })
})

test.each([
  ['jaotReceiver', jaotReceiver],
  ['sematryxReceiver', sematryxReceiver],
])('%s takes unsigned deliveries where it is told to', (_, receiverOf) => {
  expect(receiverOf({ allowUnsigned: true, inbox: memoryInbox(), logger: false })).toBeDefined()
})

test('jaotReceiver checks the data of a type by the schema that is given to it', async () => {
  const events = { 'credits.low': z.object({ left: z.number() }) }
  const { deliver, handled, deadLetters } = feedReceiver(jaotReceiver({ ...jaotOptions, events }))
  const data = { current_balance: 5, threshold: 10 }
  expect(await deliver(signedJaot('credits.low', { data }))).toEqual(received)
  expect(handled).toEqual([])
  expect(await deadLetters()).toEqual([expect.stringContaining('left')])
})

test('an api that is no API, but its key, is a mistake that is told', () => {
  expect(() => jaot({ secret: 's', api: 'ok_live_1' as never })).toThrow(ConfigurationError)
  expect(() => sematryx({ secret: 's', api: 'sk_1' as never })).toThrow(ConfigurationError)
})

describe('what the APIs are asked', () => {
  test('is the largest page, where no size is given', async () => {
    const { at, lines } = await recordedApi((line) => ({
      body: line.includes('/runs') ? { items: [run], total: 1, page: 1, page_size: 100 } : [],
    }))
    for await (const found of jaotApi.allRuns({ ...at, triggerId: 'trg_1' })) expect(found).toEqual(run)
    for await (const found of sematryxApi.allOptimizations(at)) expect(found).toBeUndefined()
    expect(lines()).toEqual([
      expect.stringContaining('/trg_1/runs?page=1&page_size=100'),
      expect.stringContaining('?limit=100&offset=0'),
    ])
  })

  test('is for one document, whatever its id has in it', async () => {
    const { at, lines } = await recordedApi(() => ({ body: [] }))
    await jaotApi.listTriggers({ ...at, documentId: 'a&b=c d' })
    expect(lines()[0]).toContain('?document_id=a%26b%3Dc%20d')
  })

  test('to create is all that was given', async () => {
    const { at, asked } = await recordedApi(() => ({ body: { id: 'trg_1', trigger_secret: 's' } }))
    const model = { modelProjectId: 'prj_1', modelProjectVersionId: 'ver_1' }
    const webhook = { webhookUrl: 'https://example.com/hook', webhookSecret: 'whsec_1' }
    const texts = { name: 'Nightly', description: 'of the night', workspaceId: 'ws_1' }
    await jaotApi.createTrigger({ ...at, ...model, ...webhook, ...texts, overrideSchema: { type: 'object' } })
    expect(JSON.parse(asked[0]?.body ?? '')).toEqual({
      ...{ model_project_id: 'prj_1', model_project_version_id: 'ver_1' },
      ...{ webhook_url: 'https://example.com/hook', webhook_secret: 'whsec_1' },
      ...{ name: 'Nightly', description: 'of the night', workspace_id: 'ws_1' },
      override_schema: { type: 'object' },
    })
  })

  test('is nothing without the id of a trigger, which the error names', async () => {
    const { at, lines } = await recordedApi(() => ({}))
    await expect(jaotApi.getRun({ ...at, triggerId: '', runId: 'trun_1' })).rejects.toThrow('triggerId')
    await expect(jaotApi.listRuns({ ...at, triggerId: '' })).rejects.toThrow('triggerId')
    expect(lines()).toEqual([])
  })

  test('may be answered with an optimization that has the id of its operation only', async () => {
    const { at } = await recordedApi(() => ({ body: [{ operation_id: 'op_1', status: 'running' }] }))
    expect(await sematryxApi.listOptimizations(at)).toMatchObject([{ id: 'op_1', status: 'running' }])
  })
})

describe('the note of a registered webhook', () => {
  const url = 'https://example.com/hook?token=secret'
  const events = ['optimization.failed']
  const nameFor = (baseUrl: string) =>
    `webhook:sematryx:${createHash('sha256')
      .update(JSON.stringify([baseUrl, url]))
      .digest('hex')}`

  test('has the same name in all versions, and nothing of a URL, which may have a secret in it', async () => {
    const { at } = await recordedApi(() => ({ body: { id: 'wh_1' } }))
    const inbox = memoryInbox()
    await sematryxApi.ensureWebhook({ ...at, baseUrl: `${at.baseUrl}/`, inbox, url: new URL(url), events })
    expect(await inbox.notes?.read(nameFor(at.baseUrl))).toBeDefined()
  })

  test('is of Sematryx itself where no other base URL is given', async () => {
    const inbox = memoryInbox()
    const text = JSON.stringify({ id: 'wh_1', url, events })
    await inbox.notes?.write(nameFor('https://api.sematryx.com'), text, undefined)
    expect(await sematryxApi.ensureWebhook({ apiKey: 'k', inbox, url, events })).toMatchObject({
      id: 'wh_1',
      isNew: false,
    })
  })
})
