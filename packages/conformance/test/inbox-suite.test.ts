import { readFileSync } from 'node:fs'
import { inboxSuite } from '@hookport/conformance/inbox'
import { expect, test } from 'vitest'

test('every id is given once, in order', () => {
  const ids = inboxSuite.map(({ id }) => id)
  expect(ids).toEqual([...new Set(ids)].sort())
})

test('the table of INBOX.md says of every id what it is about, and names no other', () => {
  const page = readFileSync(new URL('../INBOX.md', import.meta.url), 'utf8')
  const rows = page.matchAll(/^\| (I\d{3}[^|]*)\|/gm)
  const ranges = [...rows].flatMap(([, named = '']) =>
    named.split(',').map((range) => range.match(/\d{3}/g) ?? []),
  )
  const ids = inboxSuite.map(({ id }) => Number(id.slice(1)))
  const isIn = ([first, last = first]: readonly string[], id: number) =>
    Number(first) <= id && id <= Number(last)
  expect(ids.filter((id) => !ranges.some((range) => isIn(range, id)))).toEqual([])
  expect(ranges.flat().filter((end) => !ids.includes(Number(end)))).toEqual([])
})
