import { type EventSummary, eventStates, type Inbox } from '@hookport/core'
import { type BrokenInbox, brokenMemory } from '../support/broken-inbox.ts'

async function listAll(inbox: Inbox): Promise<EventSummary[]> {
  return [...(await inbox.list({ limit: Number.MAX_SAFE_INTEGER })).items]
}

export const brokenLists: readonly BrokenInbox[] = [
  brokenMemory('counts events of all sources', ['I090'], (inbox) => ({ counts: () => inbox.counts() })),
  brokenMemory('lists the latest first', ['I091', 'I092'], (inbox) => ({
    list: async () => ({ items: (await listAll(inbox)).reverse() }),
  })),
  brokenMemory('lists by receivedAt', ['I092'], (inbox) => ({
    list: async () => ({ items: (await listAll(inbox)).sort((a, b) => a.receivedAt - b.receivedAt) }),
  })),
  ...(['source', 'state', 'type', 'receivedFrom', 'receivedBefore'] as const).map((ignored) =>
    brokenMemory(`ignores the filter ${ignored}`, ['I093'], (inbox) => ({
      list({ ...filter } = {}) {
        delete filter[ignored]
        return inbox.list(filter)
      },
    })),
  ),
  brokenMemory('takes receivedBefore inclusively', ['I093'], (inbox) => ({
    list: ({ receivedBefore, ...filter } = {}) =>
      inbox.list(receivedBefore === undefined ? filter : { ...filter, receivedBefore: receivedBefore + 1 }),
  })),
  brokenMemory('takes receivedFrom exclusively', ['I093'], (inbox) => ({
    list: ({ receivedFrom, ...filter } = {}) =>
      inbox.list(receivedFrom === undefined ? filter : { ...filter, receivedFrom: receivedFrom + 1 }),
  })),
  brokenMemory('gives cursors that are no texts', ['I290'], (inbox) => ({
    async list({ cursor, ...filter } = {}) {
      const page = await inbox.list(cursor === undefined ? filter : { ...filter, cursor: String(cursor) })
      return page.cursor === undefined ? page : { ...page, cursor: Number(page.cursor) as unknown as string }
    },
  })),
  brokenMemory('skips an event between pages', ['I094', 'I096'], (inbox) => ({
    list: ({ cursor, ...filter } = {}) =>
      inbox.list(cursor === undefined ? filter : { ...filter, cursor: String(Number(cursor) + 1) }),
  })),
  brokenMemory('repeats an event between pages', ['I094'], (inbox) => ({
    list: ({ cursor, ...filter } = {}) =>
      inbox.list(cursor === undefined ? filter : { ...filter, cursor: String(Number(cursor) - 1) }),
  })),
  brokenMemory('begins anew on every page', ['I094'], (inbox) => ({
    list: ({ cursor: _, ...filter } = {}) => inbox.list(filter),
  })),
  brokenMemory('knows no limit', ['I094'], (inbox) => ({
    list: ({ limit: _, ...filter } = {}) => inbox.list({ ...filter, limit: 1_000 }),
  })),
  brokenMemory('counts pages by their offset', ['I095'], (inbox) => ({
    async list({ cursor = '0', limit = 50 } = {}) {
      const items = (await listAll(inbox)).slice(Number(cursor))
      if (items.length <= limit) return { items }
      return { items: items.slice(0, limit), cursor: String(Number(cursor) + limit) }
    },
  })),
  brokenMemory(
    'begins a list anew where the event at which it continues is gone',
    ['I099', 'I294'],
    (inbox) => ({
      async list({ cursor, limit = 50, ...filter } = {}) {
        const all = (await inbox.list({ ...filter, limit: 1_000 })).items
        const from = Math.max(
          0,
          all.findIndex(({ id }) => id === cursor),
        )
        const next = all[from + limit]?.id
        return { items: all.slice(from, from + limit), ...(next !== undefined && { cursor: next }) }
      },
    }),
  ),
  brokenMemory('has nothing behind a cursor', ['I094', 'I099', 'I294'], (inbox) => ({
    list: async ({ cursor, ...filter } = {}) => (cursor === undefined ? inbox.list(filter) : { items: [] }),
  })),
  brokenMemory('lists 100 events unless told', ['I096'], (inbox) => ({
    list: (filter) => inbox.list({ limit: 100, ...filter }),
  })),
  brokenMemory('lists bodies', ['I097'], (inbox) => ({
    list: async () => ({
      items: (await listAll(inbox)).map((item) => ({ ...item, rawBody: Buffer.alloc(1) })),
    }),
  })),
  brokenMemory('lists events without their failures', ['I097'], (inbox) => ({
    list: async () => ({ items: (await listAll(inbox)).map((item) => ({ ...item, failures: [] })) }),
  })),
  brokenMemory('lists the oldest first, whatever is asked for', ['I290', 'I292'], (inbox) => ({
    list: ({ newestFirst: _, ...filter } = {}) => inbox.list(filter),
  })),
  brokenMemory('counts pages of the latest by their offset', ['I291'], (inbox) => ({
    async list({ cursor = '0', limit = 50 } = {}) {
      const items = (await listAll(inbox)).reverse().slice(Number(cursor))
      if (items.length <= limit) return { items }
      return { items: items.slice(0, limit), cursor: String(Number(cursor) + limit) }
    },
  })),
  brokenMemory('looks for text in the key', ['I292'], (inbox) => ({
    list: async ({ idIncludes = '', ...filter } = {}) => ({
      items: (await inbox.list({ ...filter, limit: 1_000 })).items.filter(({ key }) =>
        key.includes(idIncludes),
      ),
    }),
  })),
  brokenMemory('lists all for a state that there is not', ['I293'], (inbox) => ({
    list: ({ state, ...filter } = {}) =>
      inbox.list(
        state === undefined || eventStates.includes(state) ? { ...filter, ...(state && { state }) } : filter,
      ),
  })),
  brokenMemory('passes over a filter that it does not know', ['I293'], (inbox) => ({
    counts: ({ source, tenant } = {}) =>
      inbox.counts({ ...(source !== undefined && { source }), ...(tenant !== undefined && { tenant }) }),
  })),
  brokenMemory('finds what is no longer kept', ['I098'], (inbox) => {
    const found = new Map<string, Awaited<ReturnType<Inbox['get']>>>()
    return {
      async put(event, options) {
        const result = await inbox.put(event, options)
        found.set(event.key, await inbox.get(event.key))
        return result
      },
      get: (key) => found.get(key),
    }
  }),
]
