import type { $ZodRawIssue } from 'zod/v4/core'

/** Has a schema say what it has found in place of what. `zod/mini` says no more than "Invalid input" unless it is told to, or has loaded a language. */
export const expected = {
  error: (issue: $ZodRawIssue): string | undefined =>
    issue.code === 'invalid_type'
      ? `Invalid input: expected ${issue.expected}, received ${kindOf(issue.input)}`
      : undefined,
}

function kindOf(value: unknown): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'array'
  return Number.isNaN(value) ? 'NaN' : typeof value
}
