import type { Inbox } from '@hookport/core'
import type { FlagSpecs } from '../flags/flag-specs.ts'
import type { Flags } from '../flags/flags.ts'

const defaultFile = 'hookport-listen.db'

export const localInboxFlag: FlagSpecs = {
  sqlite: { value: 'FILE', help: `the local inbox in which deliveries are kept (${defaultFile})` },
}

export function inboxFile(flags: Flags): string {
  return flags.text('sqlite') ?? defaultFile
}

/** Created if there is none. */
export async function openLocalInbox(flags: Flags): Promise<Inbox> {
  const { sqliteInbox } = await import('@hookport/sqlite')
  return sqliteInbox({ path: inboxFile(flags) })
}
