/** The text in place of a redacted value. */
export const redacted = '[redacted]'

/** A text without the values that were removed from the payload. Errors and URLs often repeat them, in other letters or escaped. */
export function without(taken: ReadonlySet<string>, text: string): string {
  let rest = text
  let folded = inOneCase(text)
  // The longest first, as one value may contain another.
  for (const value of [...taken].sort((one, other) => other.length - one.length)) {
    if (!folded.includes(inOneCase(value))) continue
    rest = rest.replaceAll(value, redacted).replace(inAnyCase(value), redacted)
    folded = inOneCase(rest)
  }
  return rest
}

/** A Greek sigma has two lower-case forms, by what follows it. A value may stand before something else than in the payload. */
function inOneCase(text: string): string {
  return text.toLowerCase().replaceAll('ς', 'σ')
}

function inAnyCase(value: string): RegExp {
  return new RegExp(value.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'), 'gi')
}
