import type { Clock } from '../contracts/clock.ts'
import type { Notes } from '../contracts/inbox/notes.ts'
import { withDeadline } from './with-deadline.ts'

/** Notes that reject where their store has not answered after `timeoutMs`. Work in the background that waits for ever would never be done again. */
export function notesInTime(notes: Notes, timeoutMs: number, clock: Required<Clock>): Notes {
  return {
    read: (name) => withDeadline(() => notes.read(name), timeoutMs, clock),
    list: (prefix) => withDeadline(() => notes.list(prefix), timeoutMs, clock),
    write: (...note) => withDeadline(() => notes.write(...note), timeoutMs, clock),
    lead: (...lead) => withDeadline(() => notes.lead(...lead), timeoutMs, clock),
    resign: (...lead) => withDeadline(() => notes.resign(...lead), timeoutMs, clock),
  }
}
