import { setImmediate as nextTurn } from 'node:timers/promises'
import { type BrokenInbox, brokenMemory, brokenShared } from '../support/broken-inbox.ts'

const noProgress = { completed: [], abandoned: [] }

export const brokenDeadLetters: readonly BrokenInbox[] = [
  brokenMemory('drops what failed for good', ['I060', 'I061', 'I072'], (inbox) => ({
    consume: (work, options) =>
      inbox.consume(async (attempt) => {
        const verdict = await work(attempt)
        return verdict.outcome === 'dead' ? { ...verdict, outcome: 'done' } : verdict
      }, options),
  })),
  brokenMemory('keeps dead letters without their failures', ['I060'], (inbox) => ({
    consume: (work, options) =>
      inbox.consume(async (attempt) => {
        const verdict = await work(attempt)
        return verdict.outcome === 'dead' ? { ...verdict, failures: [] } : verdict
      }, options),
  })),
  brokenMemory('keeps dead letters without their body', ['I060'], (inbox) => ({
    async get(key) {
      const kept = await inbox.get(key)
      return kept?.state === 'dead' ? { ...kept, rawBody: Buffer.alloc(0) } : kept
    },
  })),
  brokenMemory('redrives through dedup', ['I061', 'I062', 'I063', 'I065'], (inbox) => ({
    async redrive(key) {
      const kept = await inbox.get(key)
      if (kept?.state !== 'dead') return false
      await inbox.discard(key)
      return (await inbox.put(kept, { rememberMs: 60_000 })).outcome === 'accepted'
    },
  })),
  brokenMemory('redrives from the first handler', ['I061', 'I063'], (inbox) => ({
    consume: (work, options) =>
      inbox.consume((attempt) => work({ ...attempt, progress: noProgress }), options),
  })),
  brokenMemory('holds as pending what can not be handled', ['I006'], (inbox) => ({
    put: (event, { rememberMs }) => inbox.put(event, { rememberMs }),
  })),
  brokenShared('redrives with what waits and what was given up', ['I061', 'I066'], (_, store) => {
    store.redrive = (key) => {
      const row = store.rows.get(key)
      if (row?.state !== 'dead') return false
      Object.assign(row, { state: 'pending', attempt: 1, failures: [] })
      return true
    }
    return {}
  }),
  brokenShared(
    'redrives and replays with the attempts of before',
    ['I061', 'I063', 'I223'],
    (inbox, store) => {
      const goOn = async (key: string, again: () => boolean | Promise<boolean>) => {
        const attempt = store.rows.get(key)?.attempt
        const isDone = await again()
        const row = store.rows.get(key)
        if (row !== undefined && attempt !== undefined) row.attempt = attempt
        return isDone
      }
      return {
        redrive: (key, options) => goOn(key, () => inbox.redrive(key, options)),
        replay: (key, options) => goOn(key, () => inbox.replay(key, options)),
      }
    },
  ),
  brokenMemory('redrives only in word', ['I061', 'I062', 'I063', 'I065'], (inbox) => ({
    redrive: async (key) => (await inbox.get(key))?.state === 'dead',
  })),
  brokenMemory('redrives without what is wanted again', ['I067', 'I068'], (inbox) => ({
    redrive: (key) => inbox.redrive(key),
  })),
  brokenMemory('redrives without force', ['I068'], (inbox) => ({
    redrive: (key, { again = false } = {}) => inbox.redrive(key, { again }),
  })),
  brokenMemory('redrives always by force', ['I068'], (inbox) => ({
    redrive: (key, options) => inbox.redrive(key, { ...options, force: true }),
  })),
  brokenMemory('replays under no id', ['I067'], (inbox) => ({
    consume: (work, options) =>
      inbox.consume((attempt) => {
        const { replay: _, ...progress } = attempt.progress
        return work({ ...attempt, progress })
      }, options),
  })),
  brokenMemory('redrives whatever it is asked to', ['I064'], (inbox) => ({
    redrive: async (key) => (await inbox.redrive(key)) || true,
  })),
  brokenMemory('checks, then redrives', ['I065'], (inbox) => ({
    async redrive(key) {
      const kept = await inbox.get(key)
      await nextTurn()
      await inbox.redrive(key)
      return kept?.state === 'dead'
    },
  })),
]

export const brokenDiscards: readonly BrokenInbox[] = [
  brokenMemory('discards in word only', ['I070', 'I071', 'I072', 'I144'], (inbox) => ({
    discard: async (key) => (await inbox.get(key)) !== undefined,
  })),
  brokenMemory('forgets the key of what it discards', ['I010', 'I070', 'I071', 'I072'], (inbox) => {
    const discarded = new Set<string>()
    return {
      async discard(key) {
        const result = await inbox.discard(key)
        if (result) discarded.add(key)
        return result
      },
      put: (event, options) =>
        discarded.delete(event.key) ? { outcome: 'accepted' } : inbox.put(event, options),
    }
  }),
  brokenMemory('says that it discarded what is active or unknown', ['I073'], (inbox) => ({
    discard: async (key) => (await inbox.discard(key)) || true,
  })),
]
