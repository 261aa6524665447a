import type { z } from 'zod'
import { ManagementError } from './error.ts'

/**
 * An answer, or a part of it, checked by a schema of the fields that are used. Other fields are kept.
 *
 * @throws {ManagementError} `unexpected`, saying what does not fit.
 */
export function validAnswer<Valid>(what: string, schema: z.ZodType<Valid>, answer: unknown): Valid {
  const { success, data, error } = schema.safeParse(answer)
  if (success) return data
  const issues = error.issues.map(({ path, message }) => [...path, message].join(': ')).join('; ')
  throw new ManagementError('unexpected', `the answer is not ${what}: ${issues}`, { answer })
}
