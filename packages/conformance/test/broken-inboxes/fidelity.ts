import type { EventRecord, Inbox, Progress } from '@hookport/core'
import { type BrokenInbox, brokenMemory } from '../support/broken-inbox.ts'

/** Changes events on their way in. */
function written(inbox: Inbox, change: (event: EventRecord) => Partial<EventRecord>): Partial<Inbox> {
  return { put: (event, options) => inbox.put({ ...event, ...change(event) }, options) }
}

const upToNul = (text: string) => text.split('\u0000')[0] ?? ''

const trimmed = ({ completed, abandoned }: Progress): Progress => ({
  completed: completed.map((name) => name.trim()),
  abandoned,
})

export const brokenFidelity: readonly BrokenInbox[] = [
  brokenMemory('ends an id at NUL', ['I080'], (inbox) => written(inbox, ({ id }) => ({ id: upToNul(id) }))),
  brokenMemory('cuts an id', ['I080'], (inbox) => written(inbox, ({ id }) => ({ id: id.slice(0, 65_535) }))),
  brokenMemory('composes the letters of an id', ['I080'], (inbox) =>
    written(inbox, ({ id }) => ({ id: id.normalize('NFC') })),
  ),
  brokenMemory('ends a type at NUL', ['I081'], (inbox) =>
    written(inbox, ({ type }) => ({ type: upToNul(type) })),
  ),
  brokenMemory('looks types up by pattern', ['I081'], (inbox) => ({
    list: ({ type, ...filter } = {}) =>
      inbox.list(type === '*[a-z]?' || type === undefined ? filter : { ...filter, type }),
  })),
  brokenMemory('keeps bodies as text', ['I082'], (inbox) =>
    written(inbox, ({ rawBody }) => ({ rawBody: Buffer.from(Buffer.from(rawBody).toString()) })),
  ),
  brokenMemory('keeps the whole buffer of which the body is a view', ['I082'], (inbox) =>
    written(inbox, ({ rawBody }) => ({ rawBody: new Uint8Array(rawBody.buffer) })),
  ),
  brokenMemory('keeps times in 32 bits', ['I083'], (inbox) =>
    written(inbox, ({ createdAt }) => ({ createdAt: createdAt | 0 })),
  ),
  brokenMemory('keeps fingerprints in 32 bits', ['I083'], (inbox) =>
    written(inbox, ({ fingerprint }) => ({ fingerprint: fingerprint >>> 0 })),
  ),
  brokenMemory('takes keys that differ in case for the same', ['I084'], (inbox) =>
    written(inbox, ({ key }) => ({ key: key.toLowerCase() })),
  ),
  brokenMemory('cuts keys', ['I084'], (inbox) => written(inbox, ({ key }) => ({ key: key.slice(0, 200) }))),
  brokenMemory('trims the names of handlers', ['I085'], (inbox) => ({
    consume: (work, options) =>
      inbox.consume(async (attempt) => {
        const verdict = await work(attempt)
        return 'progress' in verdict ? { ...verdict, progress: trimmed(verdict.progress) } : verdict
      }, options),
  })),
  brokenMemory('keeps no trace', ['I086'], (inbox) => written(inbox, () => ({ trace: undefined }))),
  brokenMemory('keeps of a request its URL', ['I086'], (inbox) =>
    written(inbox, ({ request }) => ({ request: request && { ...request, headers: {} } })),
  ),
  brokenMemory('ends a tenant at NUL', ['I087'], (inbox) =>
    written(inbox, ({ tenant }) => ({ tenant: tenant === undefined ? tenant : upToNul(tenant) })),
  ),
  brokenMemory('lists and counts the events of all tenants', ['I087'], (inbox) => ({
    list: ({ tenant: _, ...filter } = {}) => inbox.list(filter),
    counts: ({ tenant: _, ...filter } = {}) => inbox.counts(filter),
  })),
  brokenMemory('takes an error of its store about NUL for an answer', ['I089'], (inbox) => ({
    discard: async (key) => key.includes('\0') || inbox.discard(key),
  })),
  brokenMemory('keeps text as UTF-8', ['I088'], (inbox) =>
    written(inbox, ({ id, type }) => ({
      id: Buffer.from(id).toString(),
      type: Buffer.from(type).toString(),
    })),
  ),
  brokenMemory('keeps who has succeeded, and no more of progress', ['I056', 'I066'], (inbox) => ({
    consume: (work, options) =>
      inbox.consume(async (attempt) => {
        const verdict = await work(attempt)
        if (!('progress' in verdict)) return verdict
        const { completed, abandoned } = verdict.progress
        return { ...verdict, progress: { completed, abandoned } }
      }, options),
  })),
]
