import { manualClock } from '@hookport/core/testing'
import { expect, test } from 'vitest'
import { allPages, type Page } from '../src/management/all-pages.ts'

interface Item {
  readonly id: string
}

/** The ids on pages that say that they go on, but for the last. */
async function idsOn(...pages: Pick<Page<Item>, 'items' | 'count'>[]): Promise<string[]> {
  const ids: string[] = []
  const readPage = async (_: number, before: number) => ({
    ...(pages[before] ?? expect.fail('it has read beyond the end')),
    isLast: before === pages.length - 1,
    waitMs: 0,
  })
  for await (const { id } of allPages({}, readPage)) ids.push(id)
  return ids
}

const pageOf = (id: string) => ({ items: [{ id }], count: 1 })

test('a list of which many pages have nothing that can be read is read to its end', async () => {
  const unreadable = Array.from({ length: 12 }, () => ({ items: [], count: 100 }))
  expect(await idsOn(pageOf('first'), ...unreadable, pageOf('last'))).toEqual(['first', 'last'])
})

test('one that has shown the same for ten pages, and says that it goes on, is an error', async () => {
  const same = Array.from({ length: 11 }, () => pageOf('same'))
  expect(await idsOn(...same.slice(1), pageOf('last'))).toEqual(['same', 'last'])
  await expect(idsOn(...same, pageOf('last'))).rejects.toMatchObject({ code: 'unexpected' })
})

test('a list that does not say where it ends is read on, as long as no three pages in a row have nothing new', async () => {
  const ids: string[] = []
  const pages = ['1', '1', '1', '2', '2', '2', '3', '3', '3', '3', '4'].map(pageOf)
  const readPage = async (_: number, before: number) => ({
    ...(pages[before] ?? expect.fail('it has read beyond the end')),
    isLast: undefined,
    waitMs: 0,
  })
  for await (const { id } of allPages({}, readPage)) ids.push(id)
  expect(ids).toEqual(['1', '2', '3'])
})

test('an abort ends the wait before the next page', async () => {
  const clock = manualClock(0)
  const controller = new AbortController()
  const readPage = async () => ({ ...pageOf('1'), isLast: false, waitMs: 30_000 })
  const reading = allPages({ clock, signal: controller.signal }, readPage)
  await reading.next()
  const next = reading.next()
  await expect.poll(() => clock.pendingTimers).toBe(1)
  controller.abort(new Error('enough'))
  await expect(next).rejects.toThrow('enough')
})
