import { randomUUID } from 'node:crypto'
import type { Note, Notes } from '@hookport/core'
import type { Keys } from './layout/keys.ts'
import type { RedisLink } from './redis/redis-link.ts'
import type { ScriptName } from './redis/scripts.ts'

export function notesIn(link: RedisLink, keys: Keys): Notes {
  const run = (script: ScriptName, ...args: (string | number)[]): Promise<boolean> =>
    link.run({
      script,
      keys: keys.ofScripts(''),
      args: () => args,
      repeatable: true,
      read: (reply) => reply === 1,
    })

  return {
    async read(name) {
      const found = await link.ask((redis) => redis.hget(keys.notes, name))
      return found === null ? undefined : toNote(name, found)
    },
    async list(prefix) {
      const found = await link.ask((redis) => redis.hgetall(keys.notes))
      const names = Object.keys(found).filter((name) => name.startsWith(prefix))
      return names.sort().map((name) => toNote(name, found[name] as string))
    },
    write: (name, text, version = '') =>
      run('writeNote', name, version, randomUUID(), text === undefined ? '' : ` ${text}`),
    lead: (work, holder, leaseMs) => run('lead', work, holder, Math.ceil(leaseMs)),
    async resign(work, holder) {
      await run('resign', work, holder)
    },
  }
}

function toNote(name: string, stored: string): Note {
  const end = stored.indexOf(' ')
  return { name, version: stored.slice(0, end), text: stored.slice(end + 1) }
}
