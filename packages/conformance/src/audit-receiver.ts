import type { AuditedPromise, ReceiverAudit } from './audit.ts'
import { receiverAudits } from './receiver-audits.ts'
import type { AuditTarget } from './target/audit-target.ts'

/** Why audits are not run, by their ids. */
export type Skips = Readonly<Record<string, string>>

/** What came of one audit. */
export type AuditResult = {
  readonly id: string
  readonly name: string
  readonly promise: AuditedPromise
} & (
  | { readonly status: 'passed' }
  /** `error` is an AuditFailure, or whatever kept the audit from being run. */
  | { readonly status: 'failed'; readonly error: unknown }
  | { readonly status: 'skipped'; readonly reason: string }
)

/**
 * Runs all audits, one after the other. Never rejects for what a receiver does.
 *
 * @throws {RangeError} for a skip of an audit that does not exist.
 */
export async function auditReceiver(
  target: AuditTarget,
  { skip = {} }: { skip?: Skips } = {},
): Promise<AuditResult[]> {
  assertKnown(skip)
  const results: AuditResult[] = []
  for (const audit of receiverAudits) results.push(await runAudit(audit, target, skip))
  return results
}

/** Runs one audit. For test runners that show each as a test. */
export async function runAudit(
  audit: ReceiverAudit,
  target: AuditTarget,
  skip: Skips = {},
): Promise<AuditResult> {
  const { id, name, promise } = audit
  const reason = skip[id] ?? audit.skipReason?.(target)
  if (reason !== undefined) return { id, name, promise, status: 'skipped', reason }
  try {
    await audit.run(target)
    return { id, name, promise, status: 'passed' }
  } catch (error) {
    return { id, name, promise, status: 'failed', error }
  }
}

function assertKnown(skip: Skips): void {
  const unknown = Object.keys(skip).filter((id) => receiverAudits.every((audit) => audit.id !== id))
  if (unknown.length > 0) throw new RangeError(`no audit has the id ${unknown.join(', ')}`)
}
