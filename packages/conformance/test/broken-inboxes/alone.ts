import type { Attempt, Inbox } from '@hookport/core'
import type { TakenEvent } from '@hookport/core/inbox-kit'
import { type BrokenInbox, brokenMemory, brokenShared } from '../support/broken-inbox.ts'

/** Changes what the work is told of its turn. */
function told(inbox: Inbox, change: (attempt: Attempt) => Partial<Attempt>): Partial<Inbox> {
  return {
    consume: (work, options) => inbox.consume((attempt) => work({ ...attempt, ...change(attempt) }), options),
  }
}

export const brokenAlone: readonly BrokenInbox[] = [
  brokenShared('runs suspects beside others', ['I150', 'I151', 'I152'], (_, store) => {
    store.needsToBeAlone = () => false
    return {}
  }),
  brokenShared('blames an event for what its neighbour did', ['I150', 'I152'], (inbox) =>
    told(inbox, ({ interruptions }) => ({ interruptedAlone: interruptions })),
  ),
  brokenShared('holds everybody back for as long as there is a suspect', ['I153'], (_, store) => {
    const take = store.take.bind(store)
    store.take = (ask) =>
      take(() => {
        const request = ask()
        const isSuspectLeft = [...store.rows.values()].some((row) => store.needsToBeAlone(row))
        return request.alone || !isSuspectLeft ? request : { ...request, limit: 0 }
      })
    return {}
  }),
  brokenShared('forgets interruptions with a verdict that says nothing of them', ['I152'], (_, store) => {
    const conclude = store.conclude.bind(store)
    store.conclude = (taken, verdict) =>
      conclude(taken, verdict.outcome === 'retry' ? { ...verdict, keepInterruptions: false } : verdict)
    return {}
  }),
  brokenShared('takes an event for alone for good, once it has run alone', ['I155'], (_, store) => {
    const ranAlone = new Set<string>()
    const take = store.take.bind(store)
    store.take = async (ask) => {
      const taking = await take(ask)
      for (const row of taking.events.flatMap(({ event }) => store.rows.get(event.key) ?? [])) {
        if (row.isAlone) ranAlone.add(row.event.key)
        row.isAlone = ranAlone.has(row.event.key)
      }
      return taking
    }
    return {}
  }),
  brokenMemory('takes what its process is running', ['I160', 'I165'], (inbox) => ({
    consume: (work, options) => inbox.consume(work, { ...options, running: () => new Set() }),
  })),
  brokenShared(
    'takes anew what its process is running, once the lease has run out',
    ['I160', 'I161', 'I165'],
    (_, store) => {
      const take = store.take.bind(store)
      store.take = (ask) => take(() => ({ ...ask(), running: new Set() }))
      return {}
    },
  ),
  brokenShared('looks no further than what is parked and runs in its process', ['I165'], (_, store) => {
    const take = store.take.bind(store)
    const isParked = (key: string) => store.rows.get(key)?.state === 'parked'
    store.take = (ask) =>
      take(() => {
        const request = ask()
        return [...request.running].some(isParked) ? { ...request, limit: 0 } : request
      })
    return {}
  }),
  brokenShared('hears nobody out on what was parked under a lease that ran out', ['I163'], (_, store) => {
    const { conclude, renew } = store
    const isParked = ({ event }: TakenEvent) => store.rows.get(event.key)?.state === 'parked'
    store.conclude = async (taken, verdict) => !isParked(taken) && conclude.call(store, taken, verdict)
    const renewOne = async (event: TakenEvent, leaseMs: number) =>
      !isParked(event) && (await renew.call(store, [event], leaseMs))[0] === true
    store.renew = (events, leaseMs) => Promise.all(events.map((event) => renewOne(event, leaseMs)))
    return {}
  }),
  brokenShared('leaves what it renews among the parked', ['I164'], (_, store) => {
    const renew = store.renew.bind(store)
    store.renew = async (events, leaseMs) => {
      const rows = events.flatMap(({ event }) => store.rows.get(event.key) ?? [])
      const parked = rows.filter(({ state }) => state === 'parked')
      const held = await renew(events, leaseMs)
      for (const row of parked) row.state = 'parked'
      return held
    }
    return {}
  }),
  brokenShared('ignores a verdict that comes after the lease', ['I162'], (_, store) => {
    const conclude = store.conclude.bind(store)
    store.conclude = async (taken, verdict) => {
      const { leaseUntil = 0 } = store.rows.get(taken.event.key) ?? {}
      return leaseUntil > Date.now() && conclude(taken, verdict)
    }
    return {}
  }),
]
