import { type AuditTarget, receiverAudits, runAudit, type Skips } from '@hookport/conformance'
import { describe, test } from 'vitest'

/** Shows each audit as a test of Vitest. */
export function describeAudits(name: string, target: () => AuditTarget, skips: Skips = {}): void {
  describe(name, () => {
    test.for(receiverAudits)('$id $name', async (audit, { skip }) => {
      const result = await runAudit(audit, target(), skips)
      if (result.status === 'skipped') skip(result.reason)
      if (result.status === 'failed') throw result.error
    })
  })
}
