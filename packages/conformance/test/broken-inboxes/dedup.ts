import { setImmediate as nextTurn } from 'node:timers/promises'
import type { EventRecord, Inbox } from '@hookport/core'
import { type BrokenInbox, brokenMemory } from '../support/broken-inbox.ts'

const accepted = { outcome: 'accepted' } as const

export const brokenDedup: readonly BrokenInbox[] = [
  brokenMemory('accepts everything and holds nothing', ['I001', 'I003', 'I004', 'I040', 'I106'], () => ({
    put: () => accepted,
  })),

  brokenMemory('checks, then inserts', ['I003', 'I027'], (inbox) => checkingFirst(inbox, () => true)),

  brokenMemory('checks, then inserts, what was reconciled', ['I003'], (inbox) =>
    checkingFirst(inbox, ({ origin }) => origin === 'reconciled'),
  ),

  brokenMemory('checks, then inserts, what has an order key', ['I003'], (inbox) =>
    checkingFirst(inbox, ({ orderKey }) => orderKey !== undefined),
  ),

  brokenMemory('says accepted before it holds the event', ['I004'], (inbox, clock) => ({
    put(event, options) {
      clock.after(1, () => void inbox.put(event, options))
      return accepted
    },
  })),

  brokenMemory('sees no conflict', ['I002', 'I023', 'I024'], (inbox) => ({
    async put(event, options) {
      const result = await inbox.put(event, options)
      return result.outcome === 'duplicate' ? { ...result, conflict: false } : result
    },
    async claim(event, options) {
      const result = await inbox.claim(event, options)
      return result.outcome === 'duplicate' ? { ...result, conflict: false } : result
    },
  })),

  brokenMemory('knows events by id alone', ['I005', 'I084'], (inbox) => {
    const keyOf = (key: string) => key.slice(key.indexOf(':') + 1)
    return {
      put: (event, options) => inbox.put({ ...event, key: keyOf(event.key) }, options),
      get: (key) => inbox.get(keyOf(key)),
    }
  }),

  brokenMemory('never forgets', ['I010', 'I011', 'I012', 'I013', 'I014', 'I176'], (inbox) => ({
    put: (event) => inbox.put(event, { rememberMs: Number.POSITIVE_INFINITY }),
    confirm: (lease, event) => inbox.confirm(lease, event, { rememberMs: Number.POSITIVE_INFINITY }),
  })),

  brokenMemory('forgets a millisecond late', ['I010', 'I012', 'I013'], (inbox) => ({
    put: (event, { rememberMs }) => inbox.put(event, { rememberMs: rememberMs + 1 }),
    confirm: (lease, event, { rememberMs }) => inbox.confirm(lease, event, { rememberMs: rememberMs + 1 }),
  })),

  brokenMemory('forgets a millisecond early', ['I010', 'I011', 'I012'], (inbox) => ({
    put: (event, { rememberMs }) => inbox.put(event, { rememberMs: rememberMs - 1 }),
    confirm: (lease, event, { rememberMs }) => inbox.confirm(lease, event, { rememberMs: rememberMs - 1 }),
  })),

  brokenMemory('remembers for longer when a duplicate comes', ['I013'], (inbox, clock) => {
    const prolonged = new Map<string, number>()
    return {
      async put(event, options) {
        if (clock.now() < (prolonged.get(event.key) ?? 0)) return { outcome: 'duplicate', conflict: false }
        const result = await inbox.put(event, options)
        if (result.outcome === 'duplicate') prolonged.set(event.key, clock.now() + options.rememberMs)
        return result
      },
    }
  }),

  brokenMemory('forgets at rememberMs what it still keeps', ['I014'], (inbox, clock) => {
    const until = new Map<string, number>()
    return {
      async put(event, options) {
        const result = await inbox.put(event, options)
        const isForgotten = clock.now() >= (until.get(event.key) ?? 0)
        if (isForgotten) until.set(event.key, clock.now() + options.rememberMs)
        return isForgotten ? accepted : result
      },
    }
  }),
]

function checkingFirst(inbox: Inbox, isSuch: (event: EventRecord) => boolean): Pick<Inbox, 'put'> {
  const taken = new Set<string>()
  return {
    async put(event, options) {
      if (!isSuch(event)) return inbox.put(event, options)
      const isTaken = taken.has(event.key)
      await nextTurn()
      taken.add(event.key)
      const result = await inbox.put(event, options)
      return isTaken ? result : accepted
    },
  }
}
