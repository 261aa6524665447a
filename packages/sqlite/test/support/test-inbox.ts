import { join } from 'node:path'
import type { Inbox } from '@hookport/core'
import { type SqliteInboxOptions, sqliteInbox } from '@hookport/sqlite'
import { temporaryFolder } from '@hookport/testkit/temporary-folder'
import { onTestFinished } from 'vitest'

export const rememberMs = 60_000

/** A path for a database, in a folder of its own that goes with the test. */
export function temporaryFile(): string {
  return join(temporaryFolder(), 'inbox.db')
}

/** An inbox that is closed with the test; in a file of its own unless told. */
export function testInbox(options: Partial<SqliteInboxOptions> = {}): Inbox {
  const inbox = sqliteInbox({ path: options.path ?? temporaryFile(), ...options })
  onTestFinished(() => inbox.close())
  return inbox
}

/** What an action rejects with; undefined if it does not. */
export async function rejection(action: () => unknown): Promise<unknown> {
  try {
    await action()
    return undefined
  } catch (reason) {
    return reason
  }
}
