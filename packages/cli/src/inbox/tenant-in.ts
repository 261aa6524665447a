import { eventStates, type Inbox } from '@hookport/core'
import { eventsOf } from './list.ts'

/** This many events of each state are read. */
const mostEvents = 100

/** The tenant of one of the events that an inbox keeps of a source. Undefined if those that are read have none. */
export async function tenantIn(inbox: Pick<Inbox, 'list'>, source: string): Promise<string | undefined> {
  for (const state of eventStates) {
    let left = mostEvents
    for await (const { tenant } of eventsOf(inbox, { source, state, newestFirst: state === 'handled' })) {
      if (tenant !== undefined) return tenant
      left -= 1
      if (left === 0) break
    }
  }
  return undefined
}
