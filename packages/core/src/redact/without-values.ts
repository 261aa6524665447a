/** What stands in the place of a value. */
export const redacted = '[redacted]'

/** A text without the values that were taken out of the payload: errors and URLs like to repeat them, in other letters or escaped. */
export function without(taken: ReadonlySet<string>, text: string): string {
  let rest = text
  let lower = text.toLowerCase()
  // The longest first: one value may stand in another.
  for (const value of [...taken].sort((one, other) => other.length - one.length)) {
    if (!lower.includes(value.toLowerCase())) continue
    rest = rest.replaceAll(value, redacted).replace(inAnyCase(value), redacted)
    lower = rest.toLowerCase()
  }
  return rest
}

function inAnyCase(value: string): RegExp {
  return new RegExp(value.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'), 'gi')
}
