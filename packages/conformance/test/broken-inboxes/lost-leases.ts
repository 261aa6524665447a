import type { Attempt, Inbox } from '@hookport/core'
import type { TakenEvent } from '@hookport/core/inbox-kit'
import { type BrokenInbox, brokenShared } from '../support/broken-inbox.ts'

const noProgress = { completed: [], abandoned: [] }

/** Changes what the work is told of its turn. */
function told(inbox: Inbox, change: (attempt: Attempt) => Partial<Attempt>): Partial<Inbox> {
  return {
    consume: (work, options) => inbox.consume((attempt) => work({ ...attempt, ...change(attempt) }), options),
  }
}

export const brokenLostLeases: readonly BrokenInbox[] = [
  brokenShared('forgets checkpoints with the lease', ['I120'], (inbox) =>
    told(inbox, ({ interruptions, progress }) => ({ progress: interruptions > 0 ? noProgress : progress })),
  ),
  brokenShared('takes an interruption for an attempt', ['I120'], (inbox) =>
    told(inbox, ({ attempt, interruptions }) => ({ attempt: attempt + interruptions, interruptions: 0 })),
  ),
  brokenShared('counts the interruptions from before a redrive or a replay', ['I154'], (inbox) => {
    const most = new Map<string, number>()
    return told(inbox, ({ event, interruptions }) => {
      most.set(event.key, Math.max(interruptions, most.get(event.key) ?? 0))
      return { interruptions: most.get(event.key) ?? 0 }
    })
  }),
  brokenShared('never gives a lost event to others', ['I120', 'I121', 'I122', 'I123'], (_, store) => {
    const { take, renew } = store
    const neverEnd = (events: readonly TakenEvent[]) => {
      for (const { event } of events) {
        const row = store.rows.get(event.key)
        if (row) row.leaseUntil = Number.POSITIVE_INFINITY // also on a machine that is too busy to renew in time
      }
    }
    store.loseLeases = () => {}
    store.take = async (ask) => {
      const taking = await take.call(store, ask)
      neverEnd(taking.events)
      return taking
    }
    store.renew = async (events, leaseMs) => {
      const held = await renew.call(store, events, leaseMs)
      neverEnd(events)
      return held
    }
    return {}
  }),
  brokenShared('does not tell the work that its lease is lost', ['I121'], (inbox) =>
    told(inbox, () => ({ signal: new AbortController().signal })),
  ),
  brokenShared('heeds the verdict of a lost turn', ['I122'], (_, store) => {
    const conclude = store.conclude.bind(store)
    store.conclude = (taken, verdict) => {
      const { token = taken.token } = store.rows.get(taken.event.key) ?? {}
      return conclude({ ...taken, token }, verdict)
    }
    return {}
  }),
  brokenShared('heeds the checkpoint of a lost turn', ['I123'], (_, store) => {
    const checkpoint = store.checkpoint.bind(store)
    store.checkpoint = (taken, progress, legacy) => {
      const { token = taken.token } = store.rows.get(taken.event.key) ?? {}
      return checkpoint({ ...taken, token }, progress, legacy)
    }
    return {}
  }),
  brokenShared('keeps what the checkpoint of a lost turn leaves to its order key', ['I123'], (_, store) => {
    const checkpoint = store.checkpoint.bind(store)
    store.checkpoint = async (taken, progress, legacy) => {
      const row = store.rows.get(taken.event.key)
      const isHeld = row === undefined || row.token === taken.token
      if (isHeld) return checkpoint(taken, progress, legacy)
      await checkpoint({ ...taken, token: row.token ?? taken.token }, row.progress, legacy)
      return false
    }
    return {}
  }),
  brokenShared('keeps what the verdict of a lost turn leaves to its order key', ['I124'], (_, store) => {
    const conclude = store.conclude.bind(store)
    const checkpoint = store.checkpoint.bind(store)
    store.conclude = async (taken, verdict) => {
      const row = store.rows.get(taken.event.key)
      if (row && row.token !== taken.token && verdict.outcome !== 'replace')
        await checkpoint({ ...taken, token: row.token ?? taken.token }, row.progress, verdict.legacy)
      return conclude(taken, verdict)
    }
    return {}
  }),
]
