import type { z } from 'zod'
import { custom, type ZodMiniType } from 'zod/mini'
import { ManagementError } from './error.ts'
import { type ListingOptions, warn } from './listing-options.ts'

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

/**
 * Checks that an answer is about what was asked for. A cache or a proxy may answer for something else, and that would be believed.
 *
 * @throws {ManagementError} `unexpected`, for an answer that has none of these ids.
 */
export function assertAbout(asked: string, ...ids: readonly unknown[]): void {
  if (ids.includes(asked)) return
  throw new ManagementError(
    'unexpected',
    `${asked} was asked for, and the answer is about ${ids.filter((id) => typeof id === 'string').join(', ')}`,
  )
}

/**
 * The items that fit a schema. An item that does not fit is left out, and the others are kept.
 *
 * @param isFollowing whether earlier pages had items that fit.
 * @throws {ManagementError} `unexpected`, where there are items and none of them fits: that is another API.
 */
export function readableItems<Item>(
  what: string,
  schema: z.ZodType<Item>,
  items: readonly unknown[],
  { onUnreadable = warn }: ListingOptions,
  isFollowing = false,
): Item[] {
  const errors: ManagementError[] = []
  const readable = items.flatMap((item) => {
    try {
      return [validAnswer(what, schema, item)]
    } catch (error) {
      errors.push(error as ManagementError)
      return []
    }
  })
  const [first] = errors
  if (first !== undefined && readable.length === 0 && !isFollowing) throw first
  for (const error of errors) onUnreadable(error)
  return readable
}

/** Any number that a Python sender writes, NaN and the infinities included, which zod's own number refuses. */
export const anyNumber: ZodMiniType<number, number> = custom<number>(
  (value) => typeof value === 'number',
  'Invalid input: expected number',
)
