import type { z } from 'zod'
import type { ManagementError } from './error.ts'
import type { ListingOptions } from './listing-options.ts'
import { validAnswer } from './validate-answer.ts'

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

/** Warns of an item that is left out of a list. */
export function warn(error: Error): void {
  const message = `an item of a list is left out: ${error.message}`
  if (typeof process === 'object' && typeof process.emitWarning === 'function')
    process.emitWarning(message, 'ManagementWarning')
  // biome-ignore lint/suspicious/noConsole: without a process, only the console is left
  else console.warn(message)
}
