import { type InboxHarness, inboxSuite } from '@hookport/conformance/inbox'
import { describe, expect, test } from 'vitest'

/** Every test of the suite, but for those that the harness skips and says why. */
export function describeInboxSuite(inbox: string, harness: InboxHarness): void {
  describe(inbox, () => {
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
}
