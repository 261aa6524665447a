import type { Note, Notes } from '@hookport/core'
import { type BrokenInbox, brokenMemory, brokenShared } from '../support/broken-inbox.ts'

/** The memory inbox, but for some methods of its notes. */
function brokenNotes(
  name: string,
  rejectedBy: readonly string[],
  change: (notes: Notes) => Partial<Notes>,
): BrokenInbox {
  return brokenMemory(name, rejectedBy, (inbox) => {
    const notes = inbox.notes as Notes
    return { notes: { ...notes, ...change(notes) } }
  })
}

export const brokenNotesOfInboxes: readonly BrokenInbox[] = [
  brokenNotes('writes notes over those of others', ['I191', 'I192'], (notes) => ({
    async write(name, text) {
      while (!(await notes.write(name, text, (await notes.read(name))?.version)));
      return true
    },
  })),
  brokenNotes('has a note begin with the same version again', ['I192'], (notes) => {
    const counted = new Map<string, number>()
    const shown = (note: Note | undefined) =>
      note && { ...note, version: String(counted.get(note.name) ?? 0) }
    return {
      read: async (name) => shown(await notes.read(name)),
      async write(name, text, version) {
        const now = await notes.read(name)
        if (shown(now)?.version !== version) return false
        counted.set(name, text === undefined ? 0 : (counted.get(name) ?? 0) + 1)
        return notes.write(name, text, now?.version)
      },
    }
  }),
  brokenNotes('shortens texts', ['I190'], (notes) => ({
    write: (name, text, version) => notes.write(name, text?.slice(0, 20), version),
  })),
  brokenNotes('lists notes that hold the prefix anywhere', ['I193'], (notes) => ({
    list: async (prefix) => (await notes.list('')).filter(({ name }) => name.includes(prefix)),
  })),
  brokenNotes('gives the lead to all', ['I194', 'I195'], () => ({ lead: () => true })),
  brokenNotes('lets anybody end a lead', ['I194'], (notes) => ({
    async resign(work) {
      for (const holder of [0, 1, 2, 3].map((index) => `process ${index}`)) await notes.resign(work, holder)
    },
  })),
  brokenNotes('never ends a lead', ['I195'], (notes) => ({
    lead: (work, holder) => notes.lead(work, holder, 1e12),
  })),
  brokenShared('loses its notes with the process', ['I196'], () => ({
    notes: new Proxy({} as Notes, { get: () => () => undefined }),
  })),
]
