import type { Attempt, Inbox, Verdict, Work } from '@hookport/core'
import { inboxInFront } from '@hookport/core/testing'

/** Inboxes that break a promise each. The rig has to find every one of them out. */
export type TwinName =
  | 'drops what nobody handles'
  | 'buries an event for interruptions that were its neighbour’s'
  | 're-takes its own running events'
  | 'lets a bad member fail the group'

export function breakInbox(inbox: Inbox, twin: TwinName, leaseMs: number): Inbox {
  return inboxInFront(inbox, twins[twin](inbox, leaseMs))
}

const twins: Readonly<Record<TwinName, (inbox: Inbox, leaseMs: number) => Partial<Inbox>>> = {
  'drops what nobody handles': (inbox) => ({
    consume: (work, options) =>
      inbox.consume(work, { ...options, wanted: () => ({ ...options.wanted(), others: 'drop' }) }),
  }),
  'buries an event for interruptions that were its neighbour’s': (inbox) =>
    reworked(
      inbox,
      (work) => async (attempt) => (attempt.interruptions >= 2 ? dead(attempt) : work(attempt)),
    ),
  're-takes its own running events': (inbox, leaseMs) =>
    reworked(inbox, (work) => async (attempt) => {
      const startedAt = performance.now()
      const verdict = await work(attempt)
      return performance.now() - startedAt > leaseMs ? work(interrupted(attempt)) : verdict
    }),
  'lets a bad member fail the group': (inbox) => {
    const group = new Group()
    return reworked(inbox, (work) => async (attempt) => {
      const verdict = await work(attempt)
      const hasFailed = verdict.outcome === 'retry' && verdict.failures.length > 0
      return (await group.join(hasFailed)) ? work(interrupted(attempt)) : verdict
    })
  },
}

function reworked(inbox: Inbox, change: (work: Work) => Work): Partial<Inbox> {
  return { consume: (work, options) => inbox.consume(change(work), options) }
}

function interrupted(attempt: Attempt): Attempt {
  return { ...attempt, interruptions: attempt.interruptions + 1, wasInterrupted: true }
}

function dead({ progress }: Attempt): Verdict {
  const failure = { handler: null, code: 'interrupted', message: 'it was interrupted twice', at: Date.now() }
  return { outcome: 'dead', progress, failures: [failure] }
}

/** Verdicts that are stored together. */
class Group {
  #isBad = false
  #stored: Promise<boolean> | undefined

  /** Answers whether one of the group can't be stored. */
  join(isBad: boolean): Promise<boolean> {
    this.#isBad ||= isBad
    this.#stored ??= new Promise((resolve) => {
      setTimeout(() => {
        resolve(this.#isBad)
        this.#isBad = false
        this.#stored = undefined
      }, 30)
    })
    return this.#stored
  }
}
