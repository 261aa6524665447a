import { type Ask, type Asking, ConfigurationError, type ListedThing, type Source } from '@hookport/core'
import { jaotRuns, ManagementError, type Run } from '@hookport/providers/jaot-api'
import { type Optimization, sematryxOptimizations } from '@hookport/providers/sematryx-api'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { recordedApi } from './support/recorded-api.ts'

const every = 60_000
const asking: Asking = { signal: new AbortController().signal, onRateLimit: () => {} }
const ask: Ask = (question) => question(asking)
const mayNotAsk: Ask = () => Promise.reject(new Error('nothing is left to ask for'))
const first = { itemsBefore: 0, pagesBefore: 0 }
const second = { itemsBefore: 100, pagesBefore: 1 }

async function itemsOf(source: Source, list = ''): Promise<readonly ListedThing[]> {
  return (await source.readPage(list, first, asking)).items
}

async function bodyOf(source: Source, list = '', how = ask): Promise<unknown> {
  return (await itemsOf(source, list))[0]?.event(how)
}

beforeEach(() => void vi.spyOn(process, 'emitWarning').mockImplementation(() => {})) // of items that are left out
afterEach(() => void vi.restoreAllMocks())

/** Sources over an API that answers everything alike. */
async function sourcesOf(answer: { status?: number; body?: unknown }) {
  const { at } = await recordedApi(() => answer)
  const jaot = jaotRuns({ ...at, triggers: ['trg_1'], every })
  return { jaot, sematryx: sematryxOptimizations({ ...at, every }) }
}

describe.each(['jaot', 'sematryx'] as const)('the source of %s', (provider) => {
  test('finds one thing by its id', async () => {
    const { [provider]: source } = await sourcesOf({ body: { id: 'x_1', status: 'failed' } })
    expect(await source.find('trg_1', 'x_1', asking)).toMatchObject({ subject: 'x_1', status: 'failed' })
  })

  test('finds nothing where the provider has no such thing', async () => {
    const { [provider]: source } = await sourcesOf({ status: 404 })
    expect(await source.find('trg_1', 'x_1', asking)).toBeUndefined()
  })

  test('fails where the provider does not say whether it has it', async () => {
    const { [provider]: source } = await sourcesOf({ status: 503 })
    await expect(source.find('trg_1', 'x_1', asking)).rejects.toMatchObject({ code: 'unavailable' })
  })

  test('says when a thing was created and when it ended, each by its own time', async () => {
    const [created_at, completed_at] = ['2026-02-19T06:00:00Z', '2026-02-20T18:00:15Z']
    const { [provider]: source } = await sourcesOf({
      body: { id: 'x_1', status: 'completed', created_at, completed_at },
    })
    expect(await source.find('trg_1', 'x_1', asking)).toMatchObject({
      createdAt: Date.parse(created_at),
      endedAt: Date.parse(completed_at),
    })
  })

  test('does not say when a thing ended that goes on', async () => {
    const body = { id: 'x_1', status: 'running', created_at: '2026-02-19T06:00:00Z', completed_at: null }
    const { [provider]: source } = await sourcesOf({ body })
    expect(await source.find('trg_1', 'x_1', asking)).toMatchObject({ hasEnded: false, endedAt: undefined })
  })

  test.each([
    [new ConfigurationError('the id is none'), true],
    [new ManagementError('unauthorized', '401'), true],
    [new ManagementError('invalid', '422'), true],
    [new ManagementError('not_found', '404'), true],
    [new ManagementError('unavailable', '503'), false],
    [new ManagementError('unexpected', 'a page that was cut off'), false],
    [new Error('an error of the network'), false],
  ])('knows whether asking again helps: %s', async (error, isFinal) => {
    const { [provider]: source } = await sourcesOf({})
    expect(source.isFinal(error)).toBe(isFinal)
  })
})

test.each(['jaot', 'sematryx'] as const)(
  'a thing of %s for which tenantOf fails holds up no other: it is left out, and counted',
  async (provider) => {
    const warned = vi.spyOn(process, 'emitWarning').mockImplementation(() => {})
    const things = ['x_1', 'x_2', 'x_3'].map((id) => ({ id, status: 'failed' }))
    const { at } = await recordedApi((line) => ({
      body: line.includes('/runs') ? { items: things, total: 3, page: 1, page_size: 100 } : things,
    }))
    const tenantOf = ({ id }: { id: string }) => {
      if (id === 'x_2') throw new TypeError('it has no customer')
      return 'north'
    }
    const source =
      provider === 'jaot'
        ? jaotRuns({ ...at, triggers: ['trg_1'], every, tenantOf })
        : sematryxOptimizations({ ...at, every, tenantOf })
    const { items, count } = await source.readPage('trg_1', first, asking)
    expect([items.map(({ subject }) => subject), count]).toEqual([['x_1', 'x_3'], 3])
    expect(warned.mock.calls[0]?.[0]).toContain('it has no customer')
  },
)

describe('a question that meets the rate limit', () => {
  const isUsedUp = {
    status: 429,
    headers: {
      ...{ 'retry-after': '30', 'x-ratelimit-limit': '100' },
      ...{ 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '4000000000' },
    },
  }
  const page = { items: [{ id: 'trun_1', status: 'failed' }], total: 1, page: 1, page_size: 100 }

  test.each<[string, (sources: { jaot: Source; sematryx: Source }) => Promise<(to: Asking) => unknown>]>([
    [
      'the lists of JAOT',
      async ({ jaot }) =>
        (to) =>
          jaot.lists(to),
    ],
    [
      'a page of runs',
      async ({ jaot }) =>
        (to) =>
          jaot.readPage('trg_1', first, to),
    ],
    [
      'one run',
      async ({ jaot }) =>
        (to) =>
          jaot.find('trg_1', 'trun_1', to),
    ],
    ['the name of a trigger', async ({ jaot }) => eventOfFirst(jaot)],
    [
      'a page of optimizations',
      async ({ sematryx }) =>
        (to) =>
          sematryx.readPage('', first, to),
    ],
    [
      'one optimization',
      async ({ sematryx }) =>
        (to) =>
          sematryx.find('', 'opt_1', to),
    ],
    ['the result of an optimization', async ({ sematryx }) => eventOfFirst(sematryx)],
  ])(
    'fails at once, and tells what is left: who reconciles waits, for all questions (%s)',
    async (_, made) => {
      let isLimited = false
      const { at } = await recordedApi((line) => {
        if (isLimited) return isUsedUp
        return { body: line.includes('/triggers') ? page : [{ id: 'opt_1', status: 'completed' }] }
      })
      const question = await made({
        jaot: jaotRuns({ ...at, every }),
        sematryx: sematryxOptimizations({ ...at, every }),
      })
      isLimited = true
      const onRateLimit = vi.fn()
      await expect(async () => question({ ...asking, onRateLimit })).rejects.toMatchObject({
        status: 429,
        retryAfterMs: 30_000,
      })
      expect(onRateLimit.mock.calls).toMatchObject([[{ limit: 100, remaining: 0 }]])
    },
  )

  async function eventOfFirst(source: Source) {
    const [thing] = await itemsOf(source, 'trg_1')
    return (to: Asking) => thing?.event((question) => Promise.resolve(question(to)))
  }
})

test('a source says whether its things name their tenant', () => {
  const at = { apiKey: 'k', baseUrl: 'https://x', every }
  const tenantOf = () => 'north'
  expect(jaotRuns(at).hasTenants).toBe(false)
  expect(jaotRuns({ ...at, tenantOf }).hasTenants).toBe(true)
  expect(sematryxOptimizations(at).hasTenants).toBe(false)
  expect(sematryxOptimizations({ ...at, tenantOf }).hasTenants).toBe(true)
})

describe('a run of JAOT', () => {
  const run: Run = {
    ...{ id: 'trun_1', status: 'completed', organization_id: 'org_1', execution_id: 'exe_1' },
    ...{ execution_time_ms: 1_250, error_message: null, webhook_delivered: true, webhook_attempts: 1 },
    ...{ created_at: '2026-02-19T06:00:00Z', completed_at: '2026-02-19T06:00:15.123456Z' },
  }
  const sourceOf = async (changes: object, trigger: object = { id: 'trg_1', name: 'Nightly' }) => {
    const api = await recordedApi((line) => ({
      body: line.includes('/runs')
        ? { items: [{ ...run, ...changes }], total: 1, page: 1, page_size: 100 }
        : trigger,
    }))
    return { ...api, source: jaotRuns({ ...api.at, triggers: ['trg_1'], every }) }
  }

  test('is told of with everything that JAOT sends', async () => {
    const { source } = await sourceOf({})
    expect(await bodyOf(source, 'trg_1')).toEqual({
      data: {
        ...{ error_message: null, execution_id: 'exe_1', execution_time_ms: 1_250, run_id: 'trun_1' },
        ...{ status: 'completed', trigger_id: 'trg_1', trigger_name: 'Nightly' },
      },
      event: 'trigger.execution.completed',
      organization_id: 'org_1',
      timestamp: '2026-02-19T06:00:15.123000+00:00Z',
    })
  })

  test('that failed is told of with the reason, and with null for what JAOT does not know', async () => {
    const unknown = { organization_id: undefined, execution_id: undefined, execution_time_ms: undefined }
    const { source } = await sourceOf({ ...unknown, status: 'failed', error_message: 'out of memory' })
    expect(await bodyOf(source, 'trg_1')).toMatchObject({
      data: { error_message: 'out of memory', execution_id: null, execution_time_ms: null },
      event: 'trigger.execution.failed',
      organization_id: '',
    })
  })

  test.each([
    ['over budget', 'over budget'],
    [null, 'validation failed'],
  ])('whose data did not fit is told of in a form of its own, error %j', async (error_message, error) => {
    const { source } = await sourceOf({ status: 'validation_failed', error_message })
    expect(await bodyOf(source, 'trg_1')).toMatchObject({
      data: { error, run_id: 'trun_1', trigger_id: 'trg_1' },
      event: 'trigger.execution.validation_failed',
    })
  })

  test('without the time of its end has that of its creation', async () => {
    const { source } = await sourceOf({ completed_at: null })
    expect(await bodyOf(source, 'trg_1')).toMatchObject({ timestamp: '2026-02-19T06:00:00.000000+00:00Z' })
  })

  test('without any time has that of now', async () => {
    const { source } = await sourceOf({ completed_at: null, created_at: null })
    const { timestamp } = (await bodyOf(source, 'trg_1')) as { timestamp: string }
    expect(timestamp.slice(0, 10)).toBe(new Date().toISOString().slice(0, 10))
  })

  test('of a trigger without a name is told of with the trigger’s id', async () => {
    const { source } = await sourceOf({}, { id: 'trg_1', name: 7 })
    expect(await bodyOf(source, 'trg_1')).toMatchObject({ data: { trigger_name: 'trg_1' } })
  })

  test('that its schedule left out holds up no pass: it is over, and nothing is ever sent', async () => {
    const { source } = await sourceOf({ status: 'skipped_overlap', completed_at: null, source: 'cron' })
    expect(await itemsOf(source, 'trg_1')).toMatchObject([{ subject: 'trun_1', isOther: true }])
    const { source: goingOn } = await sourceOf({ status: 'running', completed_at: null })
    expect(await itemsOf(goingOn, 'trg_1')).toMatchObject([{ isOther: false, hasEnded: false }])
  })

  test('asks for the name of its trigger once', async () => {
    const { source, lines } = await sourceOf({})
    const [thing] = await itemsOf(source, 'trg_1')
    const bodies = [await thing?.event(ask), await thing?.event(mayNotAsk)]
    expect(bodies[1]).toEqual(bodies[0])
    expect(lines().filter((line) => !line.includes('/runs'))).toEqual(['GET /api/v2/triggers/trg_1'])
  })

  test('has the name that the list of triggers gave', async () => {
    const { at } = await recordedApi((line) => ({
      body: line.includes('/runs')
        ? { items: [run], total: 1, page: 1, page_size: 100 }
        : [{ id: 'trg_1', name: 'Nightly' }],
    }))
    const source = jaotRuns({ ...at, every })
    expect(await source.lists(asking)).toEqual(['trg_1'])
    expect(await bodyOf(source, 'trg_1', mayNotAsk)).toMatchObject({ data: { trigger_name: 'Nightly' } })
  })

  test.each([
    [{ webhook_delivered: true, webhook_attempts: 0 }, undefined],
    [{ webhook_delivered: null, webhook_attempts: 0 }, /^JAOT has sent no webhook of it/],
    [{ webhook_delivered: null, webhook_attempts: 0, completed_at: new Date().toISOString() }, undefined],
    [{ webhook_delivered: null, webhook_attempts: 0, completed_at: null }, undefined],
    [{ webhook_delivered: null, webhook_attempts: 2 }, undefined],
    [{ webhook_delivered: false, webhook_attempts: 0 }, /^JAOT has sent no webhook of it/],
    [{ webhook_delivered: false, webhook_attempts: 4 }, /^JAOT has sent its webhook 4 times, but got no 2xx/],
    [{ webhook_delivered: false, webhook_attempts: null }, /^JAOT has sent its webhook, but got no 2xx/],
  ])('says what became of its webhook: %o', async (changes, reason) => {
    const { source } = await sourceOf(changes)
    const [thing] = await itemsOf(source, 'trg_1')
    if (reason === undefined) expect(thing?.deliveryFailed).toBeUndefined()
    else expect(thing?.deliveryFailed).toMatch(reason)
  })

  test('is found where JAOT answers smaller pages than it is asked for', async () => {
    const { at } = await recordedApi((line) => {
      const page = Number(/page=(\d+)/.exec(line)?.[1])
      const items =
        page < 3
          ? [
              { ...run, id: `trun_${page}a` },
              { ...run, id: `trun_${page}b` },
            ]
          : [run]
      return { body: { items, total: 5, page, page_size: 2 } }
    })
    const source = jaotRuns({ ...at, triggers: ['trg_1'], every })
    const pages = [0, 1, 2].map((pagesBefore) => ({ pagesBefore, itemsBefore: 2 * pagesBefore }))
    const read = await Promise.all(pages.map((from) => source.readPage('trg_1', from, asking)))
    expect(read.map(({ count, isLast }) => [count, isLast])).toEqual([
      [2, false],
      [2, false],
      [1, true],
    ])
  })

  test('is not hidden by an answer to another page, as of a cache: that is no end of the list', async () => {
    const runs = Array.from({ length: 100 }, (_, index) => ({ ...run, id: `trun_${index}` }))
    const { at } = await recordedApi(() => ({ body: { items: runs, total: 150, page: 1, page_size: 100 } }))
    const source = jaotRuns({ ...at, triggers: ['trg_1'], every })
    await expect(source.readPage('trg_1', second, asking)).rejects.toMatchObject({
      code: 'unexpected',
      message: expect.stringContaining('page 1 was answered'),
    })
  })

  test('may be alone on the last page that is full', async () => {
    const runs = Array.from({ length: 100 }, (_, index) => ({ ...run, id: `trun_${index}` }))
    const { at } = await recordedApi(() => ({ body: { items: runs, total: 100, page: 1, page_size: 100 } }))
    const source = jaotRuns({ ...at, triggers: ['trg_1'], every })
    expect(await source.readPage('trg_1', first, asking)).toMatchObject({ count: 100, isLast: true })
  })

  test('that can not be read is no reason to give up a list of which earlier pages could be', async () => {
    const { at } = await recordedApi(() => ({ body: { items: [{}], total: 101, page: 2, page_size: 100 } }))
    const source = jaotRuns({ ...at, triggers: ['trg_1'], every })
    expect(await source.readPage('trg_1', second, asking)).toMatchObject({ items: [], count: 1 })
    const other = await recordedApi(() => ({ body: { items: [{}], total: 1, page: 1, page_size: 100 } }))
    const unreadable = jaotRuns({ ...other.at, triggers: ['trg_1'], every })
    await expect(unreadable.readPage('trg_1', first, asking)).rejects.toThrow(/the answer is not a run/)
  })

  test.each([[['trg_1', '']], [[7]]])('can not be listed by triggers that are %j', (triggers) => {
    expect(() => jaotRuns({ apiKey: 'k', baseUrl: 'https://x', every, triggers: triggers as never })).toThrow(
      /list of at least one trigger id/,
    )
  })
})

describe('an optimization of Sematryx', () => {
  const result = { best_solution: [1, 2], best_fitness: 0.5, evaluations: 7, duration_seconds: 1.5 }
  const opt = { id: 'opt_1', created_at: '2026-02-19T06:00:00Z', completed_at: '2026-02-19T06:00:15Z' }
  const sourceOf = async (
    optimizations: readonly object[],
    only?: (optimization: Optimization) => boolean,
  ) => {
    const { at } = await recordedApi((line) => ({
      body: line.includes('opt_1') ? optimizations[0] : optimizations,
    }))
    return sematryxOptimizations({ ...at, every, only })
  }

  test.each([
    [{ status: 'completed', ...result }, { result }],
    [{ status: 'failed', error: 'diverged' }, { error: 'diverged' }],
    [{ status: 'cancelled' }, {}],
  ])('is told of as Sematryx does, and is not asked for again: %o', async (how, data) => {
    const source = await sourceOf([{ ...opt, ...how }])
    expect(await bodyOf(source, '', mayNotAsk)).toStrictEqual({
      id: `reconciled:optimization.${how.status}:opt_1`,
      type: `optimization.${how.status}`,
      created_at: '2026-02-19T06:00:15Z',
      data: { optimization_id: 'opt_1', status: how.status, ...data },
    })
  })

  test('of another receiver is in the list as such, and is not found', async () => {
    const opts = [
      { ...opt, status: 'failed', strategy_used: 'mine' },
      { ...opt, id: 'opt_2', status: 'failed' },
    ]
    const mine = await sourceOf(opts, ({ strategy_used }) => strategy_used === 'mine')
    expect((await itemsOf(mine)).map(({ isOther }) => isOther)).toEqual([false, true])
    expect(await mine.find('', 'opt_1', asking)).toMatchObject({ subject: 'opt_1' })
    const theirs = await sourceOf(opts, ({ strategy_used }) => strategy_used !== 'mine')
    expect(await theirs.find('', 'opt_1', asking)).toBeUndefined()
    expect([mine.isWhole, theirs.isWhole]).toEqual([false, false])
  })

  test('of which `only` says nothing is another receiver’s, where it is looked for as in the list', async () => {
    const source = await sourceOf([{ ...opt, status: 'failed' }], () => undefined as never)
    expect((await itemsOf(source)).map(({ isOther }) => isOther)).toEqual([true])
    expect(await source.find('', 'opt_1', asking)).toBeUndefined()
  })

  const fail = () => Promise.reject(new Error('nobody hears of this'))
  // biome-ignore lint/suspicious/noThenProperty: a query builder of a database is one, too
  const thenable = { then: (...told: Parameters<Promise<never>['then']>) => fail().then(...told) }

  test.each([
    ['a promise', fail],
    ['a thenable', () => thenable],
  ])('is not this receiver’s for an `only` that answers %s, which says nothing', async (_, only) => {
    const source = await sourceOf([{ ...opt, status: 'failed' }], only as never)
    await expect(itemsOf(source)).rejects.toThrow(/only returned a promise/)
    await expect(source.find('', 'opt_1', asking)).rejects.toThrow(ConfigurationError)
  })

  test('is this receiver’s, where there is no other', async () => {
    const source = await sourceOf([{ ...opt, status: 'failed' }])
    expect(source.isWhole).toBe(true)
    expect((await itemsOf(source)).map(({ isOther }) => isOther)).toEqual([false])
  })

  test.each([
    [100, undefined],
    [101, true],
  ])('is in a list of %d, of which 100 were asked for', async (length, isLast) => {
    const opts = Array.from({ length }, (_, index) => ({ ...opt, id: `opt_${index}`, status: 'running' }))
    const { at } = await recordedApi(() => ({ body: opts }))
    const source = sematryxOptimizations({ ...at, every })
    expect(await source.readPage('', first, asking)).toMatchObject({ count: length, isLast })
  })

  test('that can not be read is no reason to give up a list of which earlier pages could be', async () => {
    const source = await sourceOf([{ id: 7 }])
    expect(await source.readPage('', second, asking)).toMatchObject({ items: [], count: 1 })
    await expect(source.readPage('', first, asking)).rejects.toMatchObject({ code: 'unexpected' })
  })

  test('is asked for at Sematryx itself, where no other URL is given', () => {
    expect(() => sematryxOptimizations({ apiKey: 'k', every })).not.toThrow()
  })
})
