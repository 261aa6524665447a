import { allRuns, listRuns, listTriggers, type ManagementError } from '@hookport/providers/jaot-api'
import { allOptimizations, listOptimizations } from '@hookport/providers/sematryx-api'
import { serveApp } from '@hookport/testkit/http/serve-and-post'
import { describe, expect, onTestFinished, test, vi } from 'vitest'

/** An API that answers lists in pages, by `offset` and `limit` or by `page` and `page_size`. */
async function apiOf(
  items: readonly object[],
  wrap: (page: readonly object[], query: URLSearchParams) => unknown,
) {
  const baseUrl = await serveApp((request, response) => {
    const query = new URL(request.url ?? '', 'http://a').searchParams
    const size = Number(query.get('limit') ?? query.get('page_size') ?? 100)
    const start = Number(query.get('offset') ?? (Number(query.get('page') ?? 1) - 1) * size)
    response.end(JSON.stringify(wrap(items.slice(start, start + size), query)))
  })
  const told: ManagementError[] = []
  return { at: { apiKey: 'k', baseUrl, onUnreadable: (error: ManagementError) => told.push(error) }, told }
}

const idsOf = async (list: AsyncIterable<{ id: string }> | Promise<readonly { id: string }[]>) => {
  const ids: string[] = []
  for await (const { id } of await list) ids.push(id)
  return ids
}

const good = (id: string) => ({ id, status: 'completed' })
const odd = { id: 7, status: null }

const lists = {
  listOptimizations: {
    wrap: (page: readonly object[]) => ({ operations: page }),
    list: (at: never) => idsOf(listOptimizations(at)),
  },
  allOptimizations: {
    wrap: (page: readonly object[]) => page,
    list: (at: object) => idsOf(allOptimizations({ ...(at as { apiKey: string }), limit: 2 })),
  },
  listTriggers: {
    wrap: (page: readonly object[]) => page,
    list: (at: never) => idsOf(listTriggers(at)),
  },
  listRuns: {
    wrap: (items: readonly object[]) => ({ items, total: 5, page: 1, page_size: 20 }),
    list: async (at: object) =>
      idsOf(listRuns({ ...at, triggerId: 't' } as never).then(({ items }) => items)),
  },
  allRuns: {
    wrap: (items: readonly object[], query: URLSearchParams) => ({
      items,
      total: 5,
      page: Number(query.get('page')),
      page_size: 2,
    }),
    list: (at: object) => idsOf(allRuns({ ...at, triggerId: 't', pageSize: 2 } as never)),
  },
}

describe.each(Object.entries(lists))('%s', (_, { wrap, list }) => {
  test('keeps what can be read, and tells of what can not', async () => {
    const { at, told } = await apiOf([good('a'), odd, good('b'), good('c'), odd], wrap)
    expect(await list(at as never)).toEqual(['a', 'b', 'c'])
    expect(told).toMatchObject([
      { code: 'unexpected', answer: odd, message: expect.stringContaining('id') },
      { code: 'unexpected', answer: odd },
    ])
  })

  test('of which nothing can be read is an error', async () => {
    const { at, told } = await apiOf([odd, odd], wrap)
    await expect(list(at as never)).rejects.toMatchObject({ code: 'unexpected', answer: odd })
    expect(told).toEqual([])
  })
})

test.each([
  ['none', undefined],
  ['one that can not warn', { env: {} }],
])('where the process is %s, the console is warned', async (_, process) => {
  const warn = vi.spyOn(console, 'warn').mockImplementation(() => {})
  const answer = new Response(JSON.stringify([good('a'), odd]))
  vi.stubGlobal('fetch', async () => answer)
  vi.stubGlobal('process', process)
  onTestFinished(() => void vi.unstubAllGlobals())
  onTestFinished(() => warn.mockRestore())
  const listing = listOptimizations({ apiKey: 'k', baseUrl: 'https://x' })
  const found = await listing.finally(() => vi.unstubAllGlobals())
  expect(found).toMatchObject([{ id: 'a' }])
  expect(warn.mock.calls).toEqual([[expect.stringMatching(/^an item of a list is left out: /)]])
})

test('unless somebody is told, the process is warned', async () => {
  const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => {})
  onTestFinished(() => warn.mockRestore())
  const { at } = await apiOf([good('a'), odd], (page) => page)
  expect(await idsOf(listOptimizations({ ...at, onUnreadable: undefined }))).toEqual(['a'])
  expect(warn.mock.calls).toEqual([
    [expect.stringMatching(/^an item of a list is left out: .*not an optimization/), 'ManagementWarning'],
  ])
})
