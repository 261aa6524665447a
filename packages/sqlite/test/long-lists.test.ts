import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  ConfigurationError,
  type EventState,
  type Failure,
  type Inbox,
  type ListFilter,
  noProgress,
  type Verdict,
} from '@hookport/core'
import { manualClock } from '@hookport/core/testing'
import { sqliteInbox } from '@hookport/sqlite'
import { consumeRecorded, dead, retryIn } from '@hookport/testkit/inbox/attempts'
import { eventRecord } from '@hookport/testkit/inbox/event-records'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  handleAll,
  rejection,
  rememberMs,
  temporaryFile,
  testInbox,
  watchFile,
} from './support/test-inbox.ts'

const many = 12_001
/** How many events one call reads. */
const atOnce = 5_000

const failure: Failure = { at: 0, code: 'unreadable', message: 'it can not be read', handler: null }

async function pagesOf(inbox: Inbox, filter: ListFilter): Promise<string[][]> {
  const pages: string[][] = []
  let cursor: string | undefined
  do {
    const page = await inbox.list({ ...filter, ...(cursor !== undefined && { cursor }) })
    pages.push(page.items.map(({ id }) => id))
    cursor = page.cursor
  } while (cursor !== undefined)
  return pages
}

describe.each<[state: EventState, put: { failure?: Failure }]>([
  ['pending', {}],
  ['dead', { failure }],
])('a list of %s events that is longer than one call may read', (state, put) => {
  const folder = mkdtempSync(join(tmpdir(), 'hookport-'))
  let inbox: Inbox
  beforeAll(async () => {
    inbox = sqliteInbox({ path: join(folder, 'inbox.db') })
    const ids = Array.from({ length: many }, (_, index) => `evt_${index}`)
    // A thousand at once: what the file does not get to within 2.5 s is refused.
    for (let from = 0; from < many; from += 1_000)
      await Promise.all(
        ids.slice(from, from + 1_000).map((id) => inbox.put(eventRecord({ id }), { rememberMs, ...put })),
      )
  }, 60_000)

  afterAll(async () => {
    await inbox.close()
    rmSync(folder, { recursive: true, force: true })
  })

  test.each([
    [false, [['evt_4999'], ['evt_5000'], ['evt_10000', 'evt_12000']]],
    [true, [['evt_12000', 'evt_10000'], ['evt_4999', 'evt_5000'], []]],
  ])('is searched in pages, each of so many events (newest first: %s)', async (newestFirst, expected) => {
    const found = { evt_4999: true, evt_5000: true, evt_10000: true, evt_12000: true }
    const pages: string[][] = []
    for (const id of Object.keys(found)) {
      for (const [index, page] of (await pagesOf(inbox, { state, idIncludes: id, newestFirst })).entries())
        pages[index] = [...(pages[index] ?? []), ...page]
    }
    expect(pages.map((page) => page.toSorted())).toEqual(expected.map((page) => page.toSorted()))
    expect(pages).toHaveLength(Math.ceil(many / atOnce))
  })

  test.each([false, true])('has each event once (newest first: %s)', async (newestFirst) => {
    const ids = (await pagesOf(inbox, { state, newestFirst, limit: 1_000 })).flat()
    expect(new Set(ids).size).toBe(many)
    expect(ids).toHaveLength(many)
    expect(ids[0]).toBe(newestFirst ? `evt_${many - 1}` : 'evt_0')
  })
})

test.each<[EventState, Verdict]>([
  ['dead', dead],
  ['parked', { outcome: 'park', progress: noProgress }],
  ['handled', { outcome: 'done', progress: noProgress, keepMs: 3_600_000 }],
])('a few %s events are listed at once, however many others were taken on before', async (state, verdict) => {
  const path = temporaryFile()
  const inbox = testInbox({ path })
  watchFile(path).exec(`
    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${atOnce + 1})
    INSERT INTO events (sequence, key, source, id, type, created_at, received_at, fingerprint, due_at, raw_body)
    SELECT i, 'other:' || i, 'other', i, 'x', 0, 0, 1, 1, zeroblob(1) FROM n`)
  await inbox.put(eventRecord({ id: 'the one' }), { rememberMs })
  await handleAll(inbox, async () => verdict)
  expect(await pagesOf(inbox, { state })).toEqual([['the one']])
})

/** Many events that were taken on between two others. */
async function farApart(path: string, others: string, put: (id: string) => unknown) {
  await put('first')
  watchFile(path).exec(`
    WITH RECURSIVE n(i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM n WHERE i < ${3 * atOnce})
    INSERT INTO events (sequence, key, source, id, type, created_at, received_at, fingerprint, raw_body, ${others}`)
  await put('last')
}

const handledOnes = `rest, rested_at)
    SELECT i, 'acme:' || i, 'acme', i, 'x', 0, 0, 1, zeroblob(1), 'handled', 1e15 FROM n`
const waitingElsewhere = `due_at)
    SELECT i, 'other:' || i, 'other', i, 'x', 0, 0, 1, zeroblob(1), 1 FROM n`

test.each([
  ['handled', handledOnes, false],
  ['handled', handledOnes, true],
  ["another source's", waitingElsewhere, false],
])(
  'an event that waits is found within a few calls, however many others (%s) were taken on before',
  async (_, others, newestFirst) => {
    const path = temporaryFile()
    const inbox = testInbox({ path })
    await farApart(path, others, (id) => inbox.put(eventRecord({ id }), { rememberMs }))
    const ids = newestFirst ? ['last', 'first'] : ['first', 'last']
    const pages = await pagesOf(inbox, { source: 'acme', state: 'pending', newestFirst })
    expect(pages).toEqual([[ids[0]], [], [ids[1]]])
    await inbox.discard(`acme:${ids[1]}`)
    expect(await pagesOf(inbox, { source: 'acme', state: 'pending', newestFirst })).toEqual([[ids[0]], []])
  },
)

test('an event that waits behind another of its order key is found as soon', async () => {
  const path = temporaryFile()
  const inbox = testInbox({ path })
  await farApart(path, handledOnes, (id) => inbox.put(eventRecord({ id, orderKey: 'k' }), { rememberMs }))
  expect(await pagesOf(inbox, { state: 'pending' })).toEqual([['first'], [], ['last']])
})

test('dead letters are listed in the order in which they died, whichever was taken on first', async () => {
  const clock = manualClock()
  const inbox = testInbox({ clock })
  for (const id of ['taken first', 'taken later']) await inbox.put(eventRecord({ id }), { rememberMs })
  const { consumer } = consumeRecorded(inbox, async ({ event, attempt }) =>
    event.id === 'taken first' && attempt === 1 ? retryIn(1_000) : dead,
  )
  await consumer.idle()
  await clock.advance(1_000)
  await expect.poll(async () => (await inbox.counts()).dead).toBe(2)
  expect(await pagesOf(inbox, { state: 'dead', limit: 1 })).toEqual([['taken later'], ['taken first']])
  expect(await pagesOf(inbox, { state: 'dead', limit: 1, newestFirst: true })).toEqual([
    ['taken first'],
    ['taken later'],
  ])
})

test('a list that ends with a full page says so', async () => {
  const inbox = testInbox()
  for (const id of ['one', 'two']) await inbox.put(eventRecord({ id }), { rememberMs })
  expect(await pagesOf(inbox, { limit: 2 })).toEqual([['one', 'two']])
  expect(await pagesOf(inbox, { limit: 1 })).toEqual([['one'], ['two']])
})

test.each(['', '1', '/', '1/', '/1', '1/2/3', '/1/2', '1/2/', 'one/2', '1/two', 'one/two'])(
  'a cursor that no list has answered is refused: %j',
  async (cursor) => {
    const refusal = await rejection(() => testInbox().list({ cursor }))
    expect(refusal).toBeInstanceOf(ConfigurationError)
    expect(String(refusal)).toContain('it must be one that this inbox has answered')
  },
)

test('events that are kept for as long as a number can say are listed, in both orders and page by page', async () => {
  const inbox = testInbox()
  for (const id of ['1', '2', '3']) await inbox.put(eventRecord({ id }), { rememberMs })
  const keepMs = Number.MAX_SAFE_INTEGER
  const { consumer } = consumeRecorded(inbox, async ({ progress }) => ({ outcome: 'done', progress, keepMs }))
  await consumer.idle()
  await consumer.stop()
  const filter: ListFilter = { state: 'handled', limit: 2 }
  expect(await pagesOf(inbox, filter)).toEqual([['1', '2'], ['3']])
  expect(await pagesOf(inbox, { ...filter, newestFirst: true })).toEqual([['3', '2'], ['1']])
})
