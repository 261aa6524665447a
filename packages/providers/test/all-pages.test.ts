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
