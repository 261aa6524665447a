import { join } from 'node:path'
import { DatabaseSync, type SQLInputValue } from 'node:sqlite'
import type { Counts, Inbox, Work } from '@hookport/core'
import { type SqliteInbox, type SqliteInboxOptions, sqliteInbox } from '@hookport/sqlite'
import { consumeRecorded } from '@hookport/testkit/inbox/attempts'
import { emptyCounts } from '@hookport/testkit/inbox/event-records'
import { temporaryFolder } from '@hookport/testkit/temporary-folder'
import { onTestFinished } from 'vitest'

export const rememberMs = 60_000

/** A path for a database, in a folder of its own that goes with the test. */
export function temporaryFile(): string {
  return join(temporaryFolder(), 'inbox.db')
}

/** An inbox that is closed with the test; in a file of its own unless told. */
export function testInbox(options: Partial<SqliteInboxOptions> = {}): SqliteInbox {
  const inbox = sqliteInbox({ path: options.path ?? temporaryFile(), ...options })
  onTestFinished(() => inbox.close())
  return inbox
}

/** Handles what is due, and stops. */
export async function handleAll(inbox: Inbox, work?: Work): Promise<void> {
  const { consumer } = consumeRecorded(inbox, work)
  await consumer.idle()
  await consumer.stop()
}

/** Looks at the file from outside. */
export function watchFile(path: string): DatabaseSync {
  const database = new DatabaseSync(path)
  onTestFinished(() => database.close())
  return database
}

/** Looks at a file from outside: how many rows a table has, and the first value that a statement answers. */
export function lookInto(path: string) {
  const database = watchFile(path)
  return {
    database,
    rows: (table: string) => rowsOf(database, table),
    value: (sql: string, ...parameters: SQLInputValue[]) =>
      Number(Object.values(database.prepare(sql).get(...parameters) ?? {})[0]),
  }
}

export function rowsOf(database: DatabaseSync, table: string): number {
  return Number(database.prepare(`SELECT count(*) AS count FROM ${table}`).get()?.count)
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

export function counts(some: Partial<Counts>): Counts {
  return { ...emptyCounts, ...some }
}

/** Lines of the process that no logger was given. */
export function warnings(): string[] {
  const heard: string[] = []
  const listen = ({ message }: Error) => heard.push(message)
  process.on('warning', listen)
  onTestFinished(() => {
    process.off('warning', listen)
  })
  return heard
}
