import type { Notes } from '../contracts/inbox/notes.ts'

/**
 * Notes that throw once their inbox is closed.
 *
 * @param assertOpen throws once the inbox is closed.
 */
export function notesWhileOpen(notes: Notes, assertOpen: () => void): Notes {
  return {
    async read(name) {
      assertOpen()
      return notes.read(name)
    },
    async list(prefix) {
      assertOpen()
      return notes.list(prefix)
    },
    async write(...note) {
      assertOpen()
      return notes.write(...note)
    },
    async lead(...lead) {
      assertOpen()
      return notes.lead(...lead)
    },
    async resign(...lead) {
      assertOpen()
      return notes.resign(...lead)
    },
  }
}
