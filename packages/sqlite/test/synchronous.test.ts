import { manualClock } from '@hookport/core/testing'
import { expect, test } from 'vitest'
import { openDatabase } from '../src/open/open-database.ts'
import { resolveOptions } from '../src/sqlite-inbox-options.ts'
import { temporaryFile } from './support/test-inbox.ts'

test.each([
  ['full', 2],
  ['normal', 1],
] as const)(
  'SQLite syncs as the option synchronous says, %s, which is full unless given',
  (synchronous, level) => {
    const path = temporaryFile()
    const given = synchronous === 'full' ? {} : { synchronous }
    const options = { ...resolveOptions({ path, ...given }), clock: manualClock() }
    const database = openDatabase(options)
    expect(database.prepare('PRAGMA synchronous').get()).toEqual({ synchronous: level })
    database.close()
  },
)
