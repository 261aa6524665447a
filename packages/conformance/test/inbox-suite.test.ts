import { inboxSuite } from '@hookport/conformance/inbox'
import { expect, test } from 'vitest'

test('every id is given once, in order', () => {
  const ids = inboxSuite.map(({ id }) => id)
  expect(ids).toEqual([...new Set(ids)].sort())
})
