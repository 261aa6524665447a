import type { Inbox, ListFilter } from '../contracts/inbox/inbox.ts'

/** The keys of a whole list. They are collected before anything is redriven, as a redriven event leaves the list. */
export async function allKeys(inbox: Inbox, filter: ListFilter): Promise<string[]> {
  const keys: string[] = []
  let cursor: string | undefined
  do {
    const page = await inbox.list({ ...filter, limit: 500, ...(cursor !== undefined && { cursor }) })
    keys.push(...page.items.map(({ key }) => key))
    cursor = page.cursor
  } while (cursor !== undefined)
  return keys
}
