import type { EventRecord, ListFilter } from '@hookport/core'
import { emptyCounts } from '@hookport/testkit/inbox/event-records'
import { expect, test } from 'vitest'
import { isCursor, KeptJobs } from '../src/kept-jobs.ts'
import { toJobData } from '../src/layout/job-data.ts'
import { Keys } from '../src/layout/keys.ts'
import type { RedisLink } from '../src/redis/redis-link.ts'
import type { ScriptCall } from '../src/redis/script-call.ts'
import { sampleEvent } from './support/sample-event.ts'

type Scan = [next: number, found: unknown[], landmark: string, score: string]

/** Events in a Redis that answers scans as the test says. */
function kept(scan: (state: string, offset: number) => Scan) {
  const scans: [state: string, offset: number, ...rest: unknown[]][] = []
  const link = {
    ask: async () => ['other', 'sematryx'],
    async run({ args, read }: ScriptCall<unknown>) {
      const [state, offset, ...rest] = args(false)
      scans.push([String(state), Number(offset), ...rest])
      return read(scan(String(state), Number(offset)))
    },
  }
  const keptJobs = new KeptJobs(link as unknown as RedisLink, new Keys('{hookport}', 'webhooks'))
  return {
    scans,
    list: (filter: ListFilter = {}) => keptJobs.list({ source: 'sematryx', ...filter }),
    keptJobs,
  }
}

const row = (event: EventRecord, offset: number, score = '5') => [
  offset,
  event.key.replaceAll(':', '|'),
  JSON.stringify(toJobData(event)),
  '',
  score,
]
const ended: Scan = [-1, [], '', '']

test('a page that finds nothing in ten scans ends, with the cursor of where it got to', async () => {
  const { scans, list } = kept((_, offset) => [offset + 100, [], `sematryx|${offset}`, '7'])
  const { items, cursor = '' } = await list({ state: 'dead' })
  expect(items).toEqual([])
  expect(scans.map(([, offset]) => offset)).toEqual([0, 100, 200, 300, 400, 500, 600, 700, 800, 900])
  expect(isCursor(cursor)).toBe(true)
  await list({ state: 'dead', cursor })
  expect(scans[10]?.slice(0, 3)).toEqual(['failed', 1_000, 'sematryx|900'])
  expect(scans[10]).toContain('7')
})

test.each([
  ['0/0//', true],
  ['2/5/1795949559522/s|a/b:c', true],
  ['2/5/1795949559522.001/s|a', true],
  ['2/5/3.5389440000000001e+19/s|a', true],
  ['7/5/inf/s|a', true],
  ['7/5/nan/s|a', false],
  ['7/5/-1/s|a', false],
  ['7/5/1 2/s|a', false],
  ['7/5/abc/s|a', false],
  ['7/5/0x10/s|a', false],
])('that %s may be a cursor: %s, as Redis refuses a score that is no number of its own', (cursor, may) => {
  expect(isCursor(cursor)).toBe(may)
})

test('a page ends with as many as were asked for, and its cursor leads to the next of them', async () => {
  const events = ['one', 'two', 'th/r\nee'].map((id) => sampleEvent({ id }))
  const { scans, list } = kept((_, offset) => [
    -1,
    events.map((event, at) => row(event, at)).slice(offset),
    '',
    '',
  ])
  const first = await list({ state: 'dead', limit: 2 })
  expect(first.items.map(({ id }) => id)).toEqual(['one', 'two'])
  const { cursor = '' } = first
  const next = await list({ state: 'dead', limit: 2, cursor })
  expect(next.items.map(({ id }) => id)).toEqual(['th/r\nee'])
  expect(scans[1]?.slice(0, 3)).toEqual(['failed', 2, 'sematryx|th/r\nee'])
  expect(next).not.toHaveProperty('cursor')
})

test('a page has fifty events unless told, and is the last one where there are no more', async () => {
  const events = Array.from({ length: 51 }, () => sampleEvent())
  const rows = events.map((event, at) => row(event, at))
  expect((await kept(() => [-1, rows, '', '']).list({ state: 'dead' })).items).toHaveLength(50)
  const whole = await kept(() => [-1, rows.slice(1), '', '']).list({ state: 'dead' })
  expect(whole.items).toHaveLength(50)
  expect(whole).not.toHaveProperty('cursor')
})

test('shelves that are empty end no page, however many there are', async () => {
  const { scans, keptJobs } = kept(() => ended)
  expect(await keptJobs.list({})).toEqual({ items: [] })
  expect(scans).toHaveLength(2 * 8)
})

test('a cursor has four parts, the last of which may be any text', () => {
  expect(['0/0//', '12/34/5.5/sematryx|a\n/b'].map(isCursor)).toEqual([true, true])
  expect(['', 'x0/0//', '0/0/', '/0//', '0//0/', 'a/b//'].map(isCursor)).toEqual(Array(6).fill(false))
})

test('the shelf after one that has ended is read from its beginning', async () => {
  const { scans, list } = kept((_, offset) => (offset === 0 ? [40, [], 'sematryx|x', '7'] : ended))
  await list({ state: 'pending' })
  expect(scans.map(([state, offset]) => [state, offset])).toEqual([
    ['prioritized', 0],
    ['prioritized', 40],
    ['wait', 0],
    ['wait', 40],
    ['behind', 0],
    ['behind', 40],
  ])
  expect(scans[2]?.[2]).toBe('')
})

test('the instant of a retry is told in whole milliseconds, and of nothing but a retry', async () => {
  const event = sampleEvent()
  const { list } = kept(() => [-1, [row(event, 0, String(1_234 * 4_096 + 4_095))], '', ''])
  expect((await list({ state: 'scheduled' })).items[0]).toMatchObject({ state: 'scheduled', dueAt: 1_234 })
  expect((await list({ state: 'dead' })).items[0]).toMatchObject({ state: 'dead', dueAt: null })
})

test('of no names none is known, and Redis is not asked', async () => {
  const { scans, keptJobs } = kept(() => ended)
  expect(await keptJobs.knows([])).toBe(false)
  expect(scans).toEqual([])
})

test('the events of a tenant are counted in as many scans as it takes', async () => {
  const event = sampleEvent({ tenant: 'one' })
  const { keptJobs } = kept((state, offset) => {
    if (state !== 'failed') return ended
    return offset === 0 ? [40, [row(event, 0)], 'sematryx|x', '7'] : [-1, [row(event, 40)], '', '']
  })
  expect(await keptJobs.counts({ source: 'sematryx', tenant: 'one' })).toEqual({ ...emptyCounts, dead: 2 })
})
