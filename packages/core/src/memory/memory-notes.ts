import type { Note, Notes } from '../contracts/inbox/notes.ts'

interface Lead {
  readonly holder: string
  readonly until: number
}

/** @param now elapsed time in milliseconds. It throws once the inbox is closed. */
export function memoryNotes(now: () => number): Notes {
  const notes = new Map<string, Note>()
  const leads = new Map<string, Lead>()
  let writes = 0

  return {
    read(name) {
      now()
      return notes.get(name)
    },
    list(prefix) {
      now()
      const names = [...notes.keys()].filter((name) => name.startsWith(prefix)).sort()
      return names.map((name) => notes.get(name) as Note)
    },
    write(name, text, version) {
      now()
      if (notes.get(name)?.version !== version) return false
      writes += 1
      if (text === undefined) notes.delete(name)
      else notes.set(name, { name, text, version: String(writes) })
      return true
    },
    lead(work, holder, leaseMs) {
      const lead = leads.get(work)
      if (lead && lead.holder !== holder && lead.until > now()) return false
      leads.set(work, { holder, until: now() + leaseMs })
      return true
    },
    resign(work, holder) {
      now()
      if (leads.get(work)?.holder === holder) leads.delete(work)
    },
  }
}
