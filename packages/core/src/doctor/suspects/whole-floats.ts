/** The number of field names of which all combinations are tried. More would take seconds. */
const mostNames = 6
/** Longer texts are skipped: their combinations would take tens of megabytes. */
const mostCharacters = 8 * 1024

/**
 * Which fields of a document may have been floats with whole values: Python writes `3.0`, and JavaScript `3`. Answers sets of names, as a sender
 * always writes a field in the same way. Items of an array have the name of the array.
 */
export function* wholeFloatFields(document: unknown, characters: number): Generator<ReadonlySet<string>> {
  const names = [...wholeNumberFields(document, '', new Set())]
  if (names.length === 0) return
  yield new Set(names)
  if (characters > mostCharacters) return
  if (names.length > mostNames) {
    for (const name of names) yield new Set([name])
    for (const name of names) yield new Set(names.filter((other) => other !== name))
    return
  }
  const all = 2 ** names.length - 1
  for (let chosen = 1; chosen < all; chosen++)
    yield new Set(names.filter((_, bit) => (chosen & (2 ** bit)) !== 0))
}

function wholeNumberFields(value: unknown, name: string, found: Set<string>): Set<string> {
  if (Number.isInteger(value)) found.add(name)
  if (typeof value !== 'object' || value === null) return found
  for (const [field, member] of Object.entries(value))
    wholeNumberFields(member, Array.isArray(value) ? name : field, found)
  return found
}
