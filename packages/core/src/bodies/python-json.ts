/** The beginning of a string, or of a number that only Python writes. */
const notable = /["NI]/g

/**
 * Reads JSON in which Python has written `NaN`, `Infinity` or `-Infinity`. Undefined where the text has none of them, or is not JSON for
 * another reason. The time is linear in the length of the text, and the depth of the JSON uses no call stack.
 */
export function parsePythonJson(text: string): unknown {
  const mark = `NaN:${crypto.randomUUID()}`
  const spelled = respelled(text, JSON.stringify([mark])) // in a list: a name can't be one
  if (spelled === undefined) return undefined
  try {
    return unmarked(JSON.parse(spelled), mark)
  } catch {
    return undefined
  }
}

/** The text with `mark` in place of every NaN, and too many digits for any number in place of every infinity. Undefined where there are none. */
function respelled(text: string, mark: string): string | undefined {
  const parts: string[] = []
  let copied = 0
  notable.lastIndex = 0
  for (let found = notable.exec(text); found !== null; found = notable.exec(text)) {
    const { index } = found
    if (found[0] === '"') {
      const end = endOfString(text, index)
      if (end === -1) return undefined
      notable.lastIndex = end
      continue
    }
    const word = text.startsWith('NaN', index) ? 'NaN' : 'Infinity'
    if (!text.startsWith(word, index)) return undefined
    parts.push(text.slice(copied, index), word === 'NaN' ? mark : '1e999')
    copied = index + word.length
    notable.lastIndex = copied
  }
  return parts.length === 0 ? undefined : parts.join('') + text.slice(copied)
}

const quoteOrEscape = /["\\]/g

/** The position after the closing quotation mark of the string that opens at `start`; -1 if it does not close. */
export function endOfString(text: string, start: number): number {
  quoteOrEscape.lastIndex = start + 1
  for (let found = quoteOrEscape.exec(text); found !== null; found = quoteOrEscape.exec(text)) {
    if (found[0] === '"') return quoteOrEscape.lastIndex
    quoteOrEscape.lastIndex += 1
  }
  return -1
}

/** Puts NaN in every place with the mark. Nobody else knows the mark. */
function unmarked(document: unknown, mark: string): unknown {
  const root = { document }
  const open: Record<string, unknown>[] = [root]
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    for (const [name, value] of Object.entries(node)) {
      if (Array.isArray(value) && value[0] === mark) node[name] = Number.NaN
      else if (typeof value === 'object' && value !== null) open.push(value as Record<string, unknown>)
    }
  }
  return root.document
}
