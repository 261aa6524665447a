import { AssertionError } from 'node:assert'
import { inboxSuite } from '@hookport/conformance/inbox'
import { describe, expect, test } from 'vitest'
import { brokenInboxes } from './broken-inboxes/all.ts'

const cases = brokenInboxes.flatMap(({ name, rejectedBy, harness }) =>
  rejectedBy.map((id) => ({ id, name, harness })),
)

describe('the suite rejects an inbox that', () => {
  // Whether a fault shows at the first time is chance where the clock is real: on a busy machine a lease is known to be lost before a verdict comes.
  test.each(cases)('$name ($id)', { timeout: 30_000, retry: 3 }, async ({ id, harness }) => {
    const broken = inboxSuite.find((one) => one.id === id)
    await expect(broken?.run(harness)).rejects.toThrow(AssertionError)
  })
})

test('every test of the suite rejects at least one broken inbox', () => {
  const proven = new Set(cases.map(({ id }) => id))
  expect(inboxSuite.map(({ id }) => id).filter((id) => !proven.has(id))).toEqual([])
})
