import type { Attempt, EventRecord, Inbox, Verdict } from '@hookport/core'
import { type BrokenInbox, brokenMemory, brokenShared } from '../support/broken-inbox.ts'

function putting(inbox: Inbox, change: (event: EventRecord) => EventRecord): Partial<Inbox> {
  return { put: (event, options) => inbox.put(change(event), options) }
}

/** Does something else than a verdict says. */
function concluding(inbox: Inbox, change: (verdict: Verdict, attempt: Attempt) => Verdict): Partial<Inbox> {
  return {
    consume: (work, options) =>
      inbox.consume(async (attempt) => change(await work(attempt), attempt), options),
  }
}

const hourMs = 60 * 60 * 1000

export const brokenOrder: readonly BrokenInbox[] = [
  brokenMemory(
    'knows no order keys',
    ['I200', 'I202', 'I203', 'I207', 'I208', 'I212', 'I215', 'I226', 'I228', 'I229'],
    (inbox) => putting(inbox, ({ orderKey: _, ...event }) => event),
  ),
  brokenMemory('takes all order keys for one', ['I200', 'I203', 'I210'], (inbox) =>
    putting(inbox, (event) => (event.orderKey === undefined ? event : { ...event, orderKey: 'acme:one' })),
  ),
  brokenMemory('has the sources of an order key in one line', ['I218'], (inbox) =>
    putting(inbox, (event) => (event.orderKey === undefined ? event : { ...event, source: 'acme' })),
  ),
  brokenMemory('goes by the order of taking on', ['I201', 'I204', 'I215', 'I227'], (inbox) => {
    let puts = 0
    return putting(inbox, (event) => ({ ...event, createdAt: ++puts }))
  }),
  brokenMemory('takes on last what came first in a turn', ['I230'], (inbox) => {
    let waiting: (() => void)[] = []
    const takeOn = () => {
      const all = waiting.reverse()
      waiting = []
      for (const put of all) put()
    }
    return {
      put: (event, options) =>
        new Promise((resolve) => {
          if (waiting.length === 0) setImmediate(takeOn)
          waiting.push(() => resolve(inbox.put(event, options)))
        }),
    }
  }),
  brokenMemory('names order keys, and goes by none', ['I212'], (inbox) => {
    const orderKeys = new Map<string, string | undefined>()
    return {
      put({ orderKey, ...event }, options) {
        orderKeys.set(event.key, orderKey)
        return inbox.put(event, options)
      },
      consume: (work, options) =>
        inbox.consume(({ event, ...attempt }) => {
          return work({ ...attempt, event: { ...event, orderKey: orderKeys.get(event.key) } })
        }, options),
    }
  }),
  brokenMemory('handles one event at a time, whatever its order key', ['I200'], (inbox) => {
    let last: Promise<unknown> = Promise.resolve()
    return {
      consume: (work, options) =>
        inbox.consume((attempt) => {
          const verdict = last.then(() => work(attempt))
          last = verdict
          return verdict
        }, options),
    }
  }),
  brokenMemory('knows no ranks', ['I201'], (inbox) => putting(inbox, ({ orderRank: _, ...event }) => event)),
  brokenMemory('compares ranks as texts', ['I201'], (inbox) =>
    putting(inbox, (event) =>
      event.orderRank === undefined ? event : { ...event, orderRank: String(event.orderRank).charCodeAt(0) },
    ),
  ),
  brokenShared('lets a retry go of its order key', ['I203', 'I219'], (inbox, store) => ({
    consume: (work, options) =>
      inbox.consume(async (attempt) => {
        const verdict = await work(attempt)
        setTimeout(() => {
          const row = store.rows.get(attempt.event.key)
          if (verdict.outcome === 'retry' && row)
            store.rows.set(attempt.event.key, { ...row, hasBegun: false })
        }, 1)
        return verdict
      }, options),
  })),
  brokenMemory('lets a dead letter hold its order key', ['I205'], (inbox) =>
    concluding(inbox, (verdict) =>
      verdict.outcome === 'dead'
        ? { ...verdict, outcome: 'retry', delayMs: hourMs, attemptUsed: true }
        : verdict,
    ),
  ),
  brokenMemory('lets a parked event hold its order key', ['I205', 'I229'], (inbox) =>
    concluding(inbox, (verdict) =>
      verdict.outcome === 'park'
        ? { ...verdict, outcome: 'retry', failures: [], delayMs: hourMs, attemptUsed: false }
        : verdict,
    ),
  ),
  brokenMemory('discards in word only', ['I205', 'I206'], () => ({ discard: () => true })),
  brokenMemory('parks what has an order key and is not wanted', ['I209'], (inbox) =>
    putting(inbox, ({ orderKey: _, ...event }) => event),
  ),
  brokenMemory('keeps nothing of what verdicts leave', ['I210'], (inbox) =>
    concluding(inbox, (verdict) => ('legacy' in verdict ? { ...verdict, legacy: undefined } : verdict)),
  ),
  brokenMemory('keeps for ever what verdicts leave', ['I210'], (inbox) =>
    concluding(inbox, (verdict) =>
      'legacy' in verdict && verdict.legacy
        ? { ...verdict, legacy: { ...verdict.legacy, rememberMs: hourMs } }
        : verdict,
    ),
  ),
  brokenMemory('keeps what a verdict leaves only where the event is done', ['I210'], (inbox) =>
    concluding(inbox, (verdict) =>
      verdict.outcome === 'dead' || verdict.outcome === 'park' ? { ...verdict, legacy: undefined } : verdict,
    ),
  ),
  brokenMemory('keeps nothing of what a retry leaves', ['I216'], (inbox) =>
    concluding(inbox, (verdict) =>
      verdict.outcome === 'retry' ? { ...verdict, legacy: undefined } : verdict,
    ),
  ),
  brokenMemory('keeps nothing of what a checkpoint leaves', ['I217'], (inbox) => ({
    consume: (work, options) =>
      inbox.consume(
        (attempt) => work({ ...attempt, checkpoint: (progress) => attempt.checkpoint(progress) }),
        options,
      ),
  })),
  brokenShared('lets what was interrupted go of its order key', ['I211'], (_, store) => {
    store.loseLeases = () => {
      for (const row of store.rows.values())
        if (row.state === 'active')
          Object.assign(row, { state: 'pending', token: undefined, hasBegun: false })
    }
    return {}
  }),
  brokenMemory('does not list what waits behind others', ['I214'], (inbox) => ({
    async list(filter = {}) {
      const page = await inbox.list(filter)
      return filter.state === 'pending' ? { ...page, items: page.items.slice(0, 1) } : page
    },
  })),
  brokenMemory('puts what was read anew without its order key', ['I213'], (inbox) =>
    concluding(inbox, (verdict) =>
      verdict.outcome === 'replace'
        ? { ...verdict, event: { ...verdict.event, orderKey: undefined } }
        : verdict,
    ),
  ),
]

export const brokenReplays: readonly BrokenInbox[] = [
  brokenMemory('keeps nothing that was handled', ['I220', 'I221', 'I222', 'I223'], (inbox) =>
    concluding(inbox, (verdict) =>
      verdict.outcome === 'done' ? { ...verdict, keepMs: undefined } : verdict,
    ),
  ),
  brokenMemory('keeps what was handled for ever', ['I222'], (inbox) =>
    concluding(inbox, (verdict) =>
      verdict.outcome === 'done' && verdict.keepMs ? { ...verdict, keepMs: 1e12 } : verdict,
    ),
  ),
  brokenMemory('forgets how what was handled was handled', ['I220', 'I223'], (inbox) =>
    concluding(inbox, (verdict) =>
      verdict.outcome === 'done' ? { ...verdict, progress: { completed: [], abandoned: [] } } : verdict,
    ),
  ),
  brokenMemory('replays every handler', ['I224'], (inbox) => ({
    replay: (key, { id }) => inbox.replay(key, { id }),
  })),
  brokenMemory('makes each replay another one', ['I225'], (inbox) => {
    let replays = 0
    return { replay: (key, options) => inbox.replay(key, { ...options, id: `${options.id}-${++replays}` }) }
  }),
  brokenMemory('says that it replayed whatever it was asked for', ['I225'], (inbox) => ({
    replay: async (key, options) => (await inbox.replay(key, options)) || true,
  })),
]
