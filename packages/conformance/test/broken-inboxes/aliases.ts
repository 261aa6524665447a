import type { EventRecord, Inbox, PutOptions } from '@hookport/core'
import { type BrokenInbox, brokenMemory } from '../support/broken-inbox.ts'

/** Takes on something else than it is given. */
function takingOn(inbox: Inbox, change: (event: EventRecord) => Partial<EventRecord>): Partial<Inbox> {
  return {
    put: (event, options) => inbox.put({ ...event, ...change(event) }, options),
    claim: (event, options) => inbox.claim({ ...event, ...change(event) }, options),
  }
}

export const brokenAliases: readonly BrokenInbox[] = [
  brokenMemory('knows no aliases', ['I170', 'I171', 'I173', 'I174', 'I175', 'I176', 'I086'], (inbox) =>
    takingOn(inbox, () => ({ aliases: undefined })),
  ),
  brokenMemory(
    'compares aliases of what was reconciled with keys alone',
    ['I170', 'I171', 'I173', 'I174'],
    (inbox) => takingOn(inbox, ({ origin }) => (origin === 'delivery' ? { aliases: undefined } : {})),
  ),
  brokenMemory('knows events by their keys alone', ['I177', 'I179'], (inbox) => ({
    knows: (names) => inbox.knows?.(names.filter((name) => !name.includes('~end:'))) ?? false,
  })),
  brokenMemory('knows what it was ever asked to take on', ['I178', 'I179'], (inbox) => {
    const asked = new Set<string>()
    const note = ({ key, aliases = [] }: EventRecord) => {
      for (const name of [key, ...aliases]) asked.add(name)
    }
    return {
      put(event, options) {
        note(event)
        return inbox.put(event, options)
      },
      claim(event, options) {
        note(event)
        return inbox.claim(event, options)
      },
      async knows(names) {
        return names.some((name) => asked.has(name)) || ((await inbox.knows?.(names)) ?? false)
      },
    }
  }),
  brokenMemory('sees a conflict between a delivery and what was reconciled', ['I170', 'I171'], (inbox) => ({
    async put(event, options) {
      const result = await inbox.put(event, options)
      const isCounterpart = (await inbox.get(event.key))?.origin !== event.origin
      return result.outcome === 'duplicate' && isCounterpart ? { ...result, conflict: true } : result
    },
  })),
  brokenMemory('takes all events of one alias for one', ['I172'], (inbox) => {
    const taken = new Map<string, string>()
    return {
      put(event, options) {
        const { key, aliases = [] } = event
        if (aliases.some((alias) => (taken.get(alias) ?? key) !== key))
          return { outcome: 'duplicate', conflict: false }
        for (const alias of aliases) taken.set(alias, key)
        return inbox.put(event, options)
      },
    }
  }),
  brokenMemory(
    'puts what was reconciled beside a delivery that is being handled',
    ['I029', 'I174'],
    (inbox) => ({
      async put(event, options) {
        const result = await inbox.put(event, options)
        return result.outcome === 'in_progress' ? { outcome: 'accepted' } : result
      },
    }),
  ),
  brokenMemory('leaves for ever to its delivery what was once claimed', ['I175'], (inbox) => {
    const claimed = new Set<string>()
    return {
      claim(event, options) {
        for (const alias of [event.key, ...(event.aliases ?? [])]) claimed.add(alias)
        return inbox.claim(event, options)
      },
      put(event, options) {
        const isClaimed = [event.key, ...(event.aliases ?? [])].some((name) => claimed.has(name))
        if (event.origin === 'reconciled' && isClaimed) return { outcome: 'in_progress', retryAfterMs: 1_000 }
        return inbox.put(event, options)
      },
    }
  }),
  brokenMemory('knows an event by all aliases that it ever had', ['I017'], (inbox) => {
    const had = new Map<string, readonly string[]>()
    return takingOn(inbox, ({ key, aliases = [] }) => {
      had.set(key, [...(had.get(key) ?? []), ...aliases])
      return { aliases: had.get(key) }
    })
  }),
  brokenMemory(
    'forgets a name with the first of its deliveries that is forgotten',
    ['I016'],
    (inbox, clock) => {
      const forgottenAt = new Map<string, number>()
      const isKnown = (name: string) => clock.now() < (forgottenAt.get(name) ?? Number.POSITIVE_INFINITY)
      const note = ({ aliases = [] }: EventRecord, { rememberMs }: PutOptions) => {
        for (const name of aliases)
          forgottenAt.set(
            name,
            Math.min(forgottenAt.get(name) ?? Number.POSITIVE_INFINITY, clock.now() + rememberMs),
          )
      }
      return {
        ...takingOn(inbox, ({ aliases }) => ({ aliases: aliases?.filter(isKnown) })),
        async put(event, options) {
          const result = await inbox.put({ ...event, aliases: event.aliases?.filter(isKnown) }, options)
          if (result.outcome === 'accepted') note(event, options)
          return result
        },
        async confirm(lease, event, options) {
          note(event, options)
          return inbox.confirm(lease, event, options)
        },
        knows: (names) => inbox.knows?.(names.filter(isKnown)) ?? false,
      }
    },
  ),
  brokenMemory('forgets at rememberMs the aliases of what it still keeps', ['I015'], (inbox, clock) => {
    let forgottenAt = Number.POSITIVE_INFINITY
    return {
      async put(event, options) {
        const isForgotten = clock.now() >= forgottenAt
        const result = await inbox.put(isForgotten ? { ...event, aliases: undefined } : event, options)
        if (result.outcome === 'accepted') forgottenAt = clock.now() + options.rememberMs
        return result
      },
    }
  }),
]
