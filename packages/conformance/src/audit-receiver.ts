import type { AuditedPromise, ReceiverAudit } from './audit.ts'
import { receiverAudits } from './receiver-audits.ts'
import type { AuditTarget } from './target/audit-target.ts'

/** Audits to skip, by id, with the reason. */
export type Skips = Readonly<Record<string, string>>

/** The result of one audit. */
export type AuditResult = {
  readonly id: string
  readonly name: string
  readonly promise: AuditedPromise
} & (
  | { readonly status: 'passed' }
  /** `error` is an AuditFailure, or the error that kept the audit from running. */
  | { readonly status: 'failed'; readonly error: unknown }
  | { readonly status: 'skipped'; readonly reason: string }
)

/**
 * Runs all audits, one after the other. Never rejects because of what a receiver does.
 *
 * @throws {RangeError} if an audit to skip does not exist.
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

/** Runs one audit. For test runners that show each audit as a test. */
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
