import { eventStates, type Inbox } from '@hookport/core'

/** The tenant of one of the events that an inbox keeps of a source. Undefined if those that it lists have none. */
export async function tenantIn(inbox: Pick<Inbox, 'list'>, source: string): Promise<string | undefined> {
  for (const state of eventStates) {
    const { items } = await inbox.list({ source, state, limit: 100, newestFirst: state === 'handled' })
    const found = items.find(({ tenant }) => tenant !== undefined)
    if (found) return found.tenant
  }
  return undefined
}
