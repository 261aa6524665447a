import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as sleep } from 'node:timers/promises'
import { sqliteInbox } from '@hookport/sqlite'
import type { Fleet } from './fleet.ts'
import type { RigStore } from './store.ts'
import { TroubleLog } from './trouble-log.ts'

/** A file in the folder of the run. */
export function sqliteStore(folder: string, fleet: () => Fleet): RigStore {
  const path = join(folder, 'inbox.db')
  const trouble = new TroubleLog()
  const strikers: Readonly<Record<string, (lastsMs: number) => Promise<boolean>>> = {
    'disk full': async (lastsMs) => {
      fleet().tell({ diskIsFull: true })
      await sleep(lastsMs)
      fleet().tell({ diskIsFull: false })
      return true
    },
    'file locked': (lastsMs) => lock(path, lastsMs),
  }
  return {
    kind: 'sqlite',
    settings: { kind: 'sqlite', path },
    trouble,
    strike: ({ kind, lastsMs }) =>
      trouble.during(kind, async () => (await strikers[kind]?.(lastsMs)) ?? false),
    openInbox: () => sqliteInbox({ path }),
    stop: async () => {},
  }
}

/** Another program writes into the file, and takes its time. */
async function lock(path: string, lastsMs: number): Promise<boolean> {
  const database = new DatabaseSync(path)
  try {
    if (!(await tryToBegin(database))) return false
    await sleep(lastsMs)
    database.exec('ROLLBACK')
    return true
  } finally {
    database.close()
  }
}

async function tryToBegin(database: DatabaseSync): Promise<boolean> {
  database.exec('PRAGMA busy_timeout = 0')
  for (let tries = 0; tries < 200; tries++) {
    try {
      database.exec('BEGIN IMMEDIATE')
      return true
    } catch {
      await sleep(10)
    }
  }
  return false
}
