import { eventStates, type Inbox } from '@hookport/core'

/** Whose one of the events is that an inbox keeps of a source. Undefined where those that it lists are nobody's. */
export async function tenantIn(inbox: Pick<Inbox, 'list'>, source: string): Promise<string | undefined> {
  for (const state of eventStates) {
    const { items } = await inbox.list({ source, state, limit: 100, newestFirst: state === 'handled' })
    const found = items.find(({ tenant }) => tenant !== undefined)
    if (found) return found.tenant
  }
  return undefined
}
