import { type ConsumeOptions, type Inbox, noProgress, type Verdict, type Wanted } from '@hookport/core'
import { inboxInFront } from '@hookport/core/testing'
import { type BrokenInbox, brokenMemory } from '../support/broken-inbox.ts'
import { memoryHarness } from '../support/memory-harness.ts'

/** Consumes with other options than were given. */
function consuming(
  inbox: Inbox,
  change: (options: ConsumeOptions) => Partial<ConsumeOptions>,
): Partial<Inbox> {
  return { consume: (work, options) => inbox.consume(work, { ...options, ...change(options) }) }
}

function wanting(inbox: Inbox, change: (wanted: Wanted) => Wanted): Partial<Inbox> {
  return consuming(inbox, ({ wanted }) => ({ wanted: () => change(wanted()) }))
}

/** Does something else than a verdict says. */
function concluding(inbox: Inbox, change: (verdict: Verdict) => Verdict | Promise<Verdict>): Partial<Inbox> {
  return {
    consume: (work, options) => inbox.consume(async (attempt) => change(await work(attempt)), options),
  }
}

const forever = { keepMs: Number.POSITIVE_INFINITY, maxBytes: Number.POSITIVE_INFINITY }

/** Only two stay. */
function droppingTheYoungest(inbox: Inbox, report: ConsumeOptions['report']): ConsumeOptions['report'] {
  let parked = 0
  return (told) => {
    report(told)
    if (told.outcome !== 'parked' || ++parked <= 2) return
    void inbox.discard(told.event.key)
    report({ ...told, outcome: 'expired' })
  }
}

/** Longer than I132 allows. */
const lateMs = 6_000

const findsOneLate: BrokenInbox = {
  name: 'finds an event late that another consumer took first',
  rejectedBy: ['I132'],
  harness: memoryHarness((inbox, clock) => {
    const consume: Inbox['consume'] = (work, options) =>
      inbox.consume(async (attempt) => {
        if (attempt.event.id === 'evt_19') await new Promise<void>((resolve) => clock.after(lateMs, resolve))
        return work(attempt)
      }, options)
    return inboxInFront(inbox, { consume })
  }, 2_000),
}

export const brokenParking: readonly BrokenInbox[] = [
  findsOneLate,
  brokenMemory('drops what nobody handles', ['I130', 'I132', 'I133'], (inbox) =>
    wanting(inbox, ({ types, others }) => ({ types, others: others === 'park' ? 'drop' : others })),
  ),
  brokenMemory('parks and drops without a word', ['I130', 'I134', 'I135', 'I136'], (inbox) =>
    consuming(inbox, () => ({ report() {} })),
  ),
  brokenMemory('parks what is to be dropped', ['I134'], (inbox) =>
    wanting(inbox, ({ types, others }) => ({ types, others: others === 'drop' ? 'park' : others })),
  ),
  brokenMemory('forgets the progress of what it parks', ['I131', 'I056'], (inbox) =>
    concluding(inbox, (verdict) =>
      verdict.outcome === 'park' ? { ...verdict, progress: noProgress } : verdict,
    ),
  ),
  brokenMemory('hands what is parked to whoever sees others', ['I131'], (inbox) =>
    wanting(inbox, ({ types, others }) => ({ types: others === 'hand-out' ? 'all' : types, others })),
  ),
  brokenMemory('lets who wants an event wait for a catch-all', ['I143'], (inbox) =>
    concluding(inbox, (verdict) =>
      verdict.outcome === 'retry' ? { ...verdict, untilWanted: false } : verdict,
    ),
  ),
  brokenMemory('parks what waits for a catch-all', ['I143'], (inbox) =>
    concluding(inbox, (verdict) =>
      verdict.outcome === 'retry' && verdict.untilWanted
        ? { outcome: 'park', progress: verdict.progress }
        : verdict,
    ),
  ),
  brokenMemory('asks once which types are wanted', ['I133'], (inbox) =>
    consuming(inbox, ({ wanted }) => {
      const atFirst = structuredClone(wanted())
      return { wanted: () => atFirst }
    }),
  ),
  brokenMemory('keeps for ever what is parked', ['I135', 'I136', 'I147'], (inbox) =>
    consuming(inbox, () => ({ parking: forever })),
  ),
  brokenMemory('drops the youngest of what is parked', ['I136', 'I145'], (inbox) =>
    consuming(inbox, ({ report }) => ({ parking: forever, report: droppingTheYoungest(inbox, report) })),
  ),
  brokenMemory('parks in word only', ['I137'], () => ({ park: () => true })),
  brokenMemory('takes parking for a burial', ['I137'], (inbox) => ({
    park: (lease, event, burial) => inbox.bury(lease, event, burial),
  })),
  brokenMemory('says that it redrove what is parked', ['I138'], (inbox) => ({
    redrive: async (key) => (await inbox.get(key))?.state === 'parked' || inbox.redrive(key),
  })),
  brokenMemory('does not discard what is parked', ['I138'], (inbox) => ({
    discard: async (key) => (await inbox.get(key))?.state !== 'parked' && inbox.discard(key),
  })),
  brokenMemory('takes what is unreadable for an event like any other', ['I139', 'I086'], (inbox) => ({
    put: (event, options) => inbox.put({ ...event, unreadable: undefined }, options),
  })),
]

export const brokenReplacing: readonly BrokenInbox[] = [
  brokenMemory('drops what was read anew', ['I140'], (inbox) =>
    concluding(inbox, (verdict) =>
      verdict.outcome === 'replace' ? { outcome: 'done', progress: noProgress } : verdict,
    ),
  ),
  brokenMemory('goes around dedup with what was read anew', ['I141', 'I142'], (inbox) =>
    concluding(inbox, (verdict) => {
      if (verdict.outcome !== 'replace') return verdict
      return { ...verdict, event: { ...verdict.event, key: `${verdict.event.key}-again` } }
    }),
  ),
  brokenMemory('forgets what was done under a claim on what was read anew', ['I146'], (inbox) => {
    const anew = new Set<string>()
    return {
      consume: (work, options) =>
        inbox.consume(async (attempt) => {
          const isAnew = anew.has(attempt.event.key)
          const verdict = await work(isAnew ? { ...attempt, progress: noProgress } : attempt)
          if (verdict.outcome === 'replace') anew.add(verdict.event.key)
          return verdict
        }, options),
    }
  }),
  brokenMemory('puts what was read anew over what is kept', ['I142'], (inbox) =>
    concluding(inbox, async (verdict) => {
      if (verdict.outcome === 'replace') await inbox.discard(verdict.event.key)
      return verdict
    }),
  ),
]
