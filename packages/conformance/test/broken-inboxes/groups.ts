import { setImmediate as nextTurn } from 'node:timers/promises'
import { type BrokenInbox, brokenShared } from '../support/broken-inbox.ts'

/** Collects the calls of one turn of the event loop: where one of them can't be written, none is. */
function asOne<Call>(): (call: Call) => Promise<void> {
  let group: Call[] = []
  return async (call) => {
    group.push(call)
    const own = group
    await nextTurn()
    if (group === own) group = []
    JSON.stringify(own)
  }
}

export const brokenGroups: readonly BrokenInbox[] = [
  brokenShared('fails every put of a group for one', ['I180'], (inbox) => {
    const join = asOne<unknown>()
    return {
      async put(event, options) {
        await join({ ...event, rawBody: undefined })
        return inbox.put(event, options)
      },
    }
  }),
  brokenShared('fails every verdict of a group for one', ['I181'], (_, store) => {
    const join = asOne<unknown>()
    const conclude = store.conclude.bind(store)
    store.conclude = async (taken, verdict) => {
      await join(verdict)
      return conclude(taken, verdict)
    }
    return {}
  }),
]
