/** The text in place of a redacted value. */
export const redacted = '[redacted]'

/** A text without the values that were removed from the payload. Errors and URLs often repeat them, in other letters or escaped. */
export function without(taken: ReadonlySet<string>, text: string): string {
  let rest = text
  let lower = text.toLowerCase()
  // The longest first, as one value may contain another.
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
