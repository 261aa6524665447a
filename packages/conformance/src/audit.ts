import type { AuditTarget } from './target/audit-target.ts'

/** A promise of hookport's design, or `neighbourly`: the rest of the application stays as it was. */
export type AuditedPromise =
  | 'authentic'
  | 'once'
  | 'kept'
  | 'finished'
  | 'quick'
  | 'open'
  | 'plain'
  | 'neighbourly'

/** One thing that every receiver must (or should) do, checked over HTTP. */
export interface ReceiverAudit {
  /** Permanent: it never gets another meaning, and is not used again once its audit is gone. */
  readonly id: string
  readonly name: `${'MUST' | 'SHOULD'} ${string}`
  readonly promise: AuditedPromise
  /** Why this audit can't be run against a target. Undefined if it can. */
  skipReason?(target: AuditTarget): string | undefined
  /** @throws {AuditFailure} if the target does not conform. */
  run(target: AuditTarget): Promise<void>
}

/** A receiver does not do what an audit checks. */
export class AuditFailure extends Error {
  override readonly name = 'AuditFailure'
  readonly expected: unknown
  readonly actual: unknown

  constructor(
    message: string,
    { expected, actual, cause }: { expected: unknown; actual: unknown; cause?: unknown },
  ) {
    super(`${message}: expected ${describe(expected)}, got ${describe(actual)}`, { cause })
    this.expected = expected
    this.actual = actual
  }
}

function describe(value: unknown): string {
  return JSON.stringify(value) ?? String(value)
}
