import assert from 'node:assert/strict'
import type { Inbox, ListFilter } from '@hookport/core'

/** Ids of all pages, fetched from the inboxes in turn. */
export async function allPages(
  inboxes: readonly Inbox[],
  filter: ListFilter,
  limit: number,
): Promise<string[]> {
  const ids: string[] = []
  let cursor: string | undefined
  for (let page = 0; page < 100; page++) {
    const inbox = inboxes[page % inboxes.length]
    assert.ok(inbox)
    const answer = await inbox.list(
      cursor === undefined ? { ...filter, limit } : { ...filter, limit, cursor },
    )
    assert.ok(answer.items.length <= limit, `a page of ${answer.items.length} where the limit is ${limit}`)
    ids.push(...answer.items.map(({ id }) => id))
    cursor = answer.cursor
    if (cursor === undefined) return ids
    assert.equal(typeof cursor, 'string')
  }
  assert.fail('the listing does not end')
}
