import type { Consumer, Inbox, Verdict, Work } from '@hookport/core'
import { type BrokenInbox, brokenMemory } from '../support/broken-inbox.ts'

const noProgress = { completed: [], abandoned: [] }
const done: Verdict = { outcome: 'done', progress: noProgress }

/** Puts something between the inbox and the work. */
function reworked(inbox: Inbox, change: (work: Work) => Work): Partial<Inbox> {
  return { consume: (work, options) => inbox.consume(change(work), options) }
}

/** Changes verdicts that ask for a retry. */
function retried(
  inbox: Inbox,
  change: (verdict: Extract<Verdict, { outcome: 'retry' }>) => Verdict,
): Partial<Inbox> {
  return reworked(inbox, (work) => async (attempt) => {
    const verdict = await work(attempt)
    return verdict.outcome === 'retry' ? change(verdict) : verdict
  })
}

const idleConsumer: Consumer = { wake() {}, idle: async () => {}, stop: async () => {} }

export const brokenConsumers: readonly BrokenInbox[] = [
  brokenMemory('hands nothing out', ['I003', 'I040', 'I041', 'I042', 'I043', 'I044'], () => ({
    consume: () => idleConsumer,
  })),
  brokenMemory(
    'acknowledges before the work is done',
    ['I042', 'I044', 'I046', 'I060', 'I073', 'I102'],
    (inbox) =>
      reworked(inbox, (work) => async (attempt) => {
        void work(attempt)
        return done
      }),
  ),
  brokenMemory('hands every event out twice', ['I041', 'I042', 'I043', 'I061'], (inbox) =>
    reworked(inbox, (work) => async (attempt) => {
      await work(attempt)
      return work(attempt)
    }),
  ),
  brokenMemory('knows no bound on concurrency', ['I042'], (inbox) => ({
    consume: (work, options) => inbox.consume(work, { ...options, concurrency: 1_000 }),
  })),
  brokenMemory('handles one event at a time', ['I042', 'I046'], (inbox) => ({
    consume: (work, options) => inbox.consume(work, { ...options, concurrency: 1 }),
  })),
  brokenMemory('hands out events of all sources', ['I043'], (inbox) => ({
    consume(work, options) {
      const consumers = ['acme', 'other'].map((source) => inbox.consume(work, { ...options, source }))
      const each = async (call: (consumer: Consumer) => Promise<void>) => {
        await Promise.all(consumers.map(call))
      }
      return {
        wake: () => consumers.map((one) => one.wake()),
        idle: () => each((one) => one.idle()),
        stop: () => each((one) => one.stop()),
      }
    },
  })),
  brokenMemory('keeps no checkpoint', ['I045'], (inbox) =>
    reworked(inbox, (work) => (attempt) => work({ ...attempt, checkpoint: () => {} })),
  ),
  brokenMemory('is idle while work goes on', ['I046'], (inbox) => ({
    consume(work, options) {
      const consumer = inbox.consume(work, options)
      return { wake: () => consumer.wake(), idle: async () => {}, stop: () => consumer.stop() }
    },
  })),
]

export const brokenRetries: readonly BrokenInbox[] = [
  brokenMemory('takes a failure for a success', ['I050', 'I051', 'I052', 'I053', 'I071'], (inbox) =>
    retried(inbox, () => done),
  ),
  brokenMemory('retries a millisecond early', ['I051'], (inbox) =>
    retried(inbox, (verdict) => ({ ...verdict, delayMs: verdict.delayMs - 1 })),
  ),
  brokenMemory('retries in half the time', ['I050', 'I051'], (inbox) =>
    retried(inbox, (verdict) => ({ ...verdict, delayMs: verdict.delayMs / 2 })),
  ),
  brokenMemory('counts every attempt', ['I052'], (inbox) =>
    retried(inbox, (verdict) => ({ ...verdict, attemptUsed: true })),
  ),
  brokenMemory('counts no attempt', ['I052', 'I055', 'I060'], (inbox) =>
    retried(inbox, (verdict) => ({ ...verdict, attemptUsed: false })),
  ),
  brokenMemory('forgets progress', ['I051', 'I053', 'I055'], (inbox) =>
    retried(inbox, (verdict) => ({ ...verdict, progress: noProgress })),
  ),
  brokenMemory('forgets failures', ['I051'], (inbox) =>
    retried(inbox, (verdict) => ({ ...verdict, failures: [] })),
  ),
  brokenMemory('forgets at a checkpoint why the last attempt failed', ['I057'], (inbox) => {
    const checked = new Set<string>()
    return {
      consume: (work, options) =>
        inbox.consume((attempt) => {
          const checkpoint: typeof attempt.checkpoint = (...kept) => {
            checked.add(attempt.event.key)
            return attempt.checkpoint(...kept)
          }
          return work({ ...attempt, checkpoint })
        }, options),
      async get(key) {
        const kept = await inbox.get(key)
        return kept && checked.has(key) ? { ...kept, failures: [] } : kept
      },
    }
  }),
  brokenMemory('waits for a retry in the place of others', ['I051', 'I054'], (inbox, clock) =>
    reworked(inbox, (work) => async (attempt) => {
      const verdict = await work(attempt)
      if (verdict.outcome !== 'retry') return verdict
      await new Promise<void>((resolve) => clock.after(verdict.delayMs, resolve))
      return { ...verdict, delayMs: 0 }
    }),
  ),
]
