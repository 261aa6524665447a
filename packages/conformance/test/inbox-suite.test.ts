import { inboxSuite } from '@hookport/conformance/inbox'
import { describe, expect, test } from 'vitest'
import { memoryHarness } from './support/memory-harness.ts'
import { sharedHarness } from './support/shared-harness.ts'

/** One on a clock that is moved by hand; one with several instances that outlive a restart, on the real clock. */
const harnesses = { 'memory inbox': memoryHarness(), 'shared inbox of the tests': sharedHarness() }

describe.each(Object.entries(harnesses))('%s', (_, harness) => {
  for (const { id, name, run } of inboxSuite) {
    test(`${id} ${name}`, { timeout: 60_000 }, async ({ skip }) => {
      const reason = harness.skip?.[id]
      if (reason !== undefined) skip(reason)
      await run(harness)
    })
  }

  test('what is skipped exists', () => {
    const ids = inboxSuite.map(({ id }) => id)
    expect(ids).toEqual(expect.arrayContaining(Object.keys(harness.skip ?? {})))
  })
})

test('every id is given once, in order', () => {
  const ids = inboxSuite.map(({ id }) => id)
  expect(ids).toEqual([...new Set(ids)].sort())
})
