/**
 * JSON with its lines indented. Everything else stays as it was written: numbers that JavaScript can't hold, escapes, double names. It ends somewhere behind
 * `most` letters: indented, what is deep is many times as long.
 */
export function indentJson(text: string, most = Number.POSITIVE_INFINITY): string {
  const parts: string[] = []
  let length = 0
  let depth = 0
  let isEmpty = false
  const write = (part: string) => {
    parts.push(part)
    length += part.length
  }
  const line = () => write(`\n${'  '.repeat(Math.min(depth, 100))}`)
  for (const token of tokensOf(text)) {
    if (length > most) break
    const isEnd = token === '}' || token === ']'
    if (isEnd) depth -= 1
    if (isEnd !== isEmpty) line() // not between the two ends of what is empty
    isEmpty = token === '{' || token === '['
    if (isEmpty) depth += 1
    write(token === ':' ? ': ' : token)
    if (token === ',') line()
  }
  return parts.join('')
}

function* tokensOf(text: string): Generator<string> {
  const tokens = /[{}[\],:"]|[^\s{}[\],:"]+/g
  for (let found = tokens.exec(text); found; found = tokens.exec(text)) {
    const { 0: token, index } = found
    if (token === '"') tokens.lastIndex = endOfString(text, index)
    yield token === '"' ? text.slice(index, tokens.lastIndex) : token
  }
}

/** Not by an expression: one fails at strings of some millions of letters. */
function endOfString(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at++) {
    if (text[at] === '"') return at + 1
    if (text[at] === '\\') at += 1
  }
  return text.length
}

/** A payload in lines, at most somewhat more than `most` letters of each field: JSON, or the fields of a form. Undefined for anything else. */
export function prettyOf(text: string, most: number): string | undefined {
  const json = jsonIn(text.replace(/^\ufeff/, ''), most)
  if (json !== undefined) return json
  const fields = text.split('&')
  if (!fields.every((field) => /^[^\s=<"{}[\]][^\s=<"]*=\S*$/.test(field))) return undefined
  const lines = fields.slice(0, most / 5) // none is shorter
  return lines.map((field) => line(field, most)).join('\n')
}

function jsonIn(text: string, most: number): string | undefined {
  return isJson(text) ? indentJson(text, most) : undefined
}

/** A value of several lines is indented, so that none of them looks like another field. */
function line(field: string, most: number): string {
  const at = field.indexOf('=')
  const value = decoded(field.slice(at + 1))
  return `${decoded(field.slice(0, at))} = ${jsonIn(value, most) ?? value}`.replaceAll(/\r\n|\r|\n/g, '\n  ')
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '))
  } catch {
    return text
  }
}

function isJson(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null
  } catch {
    return false
  }
}

/** Offset, bytes and letters, 16 to the line. */
export function hexDump(bytes: Uint8Array): string {
  const lines: string[] = []
  for (let at = 0; at < bytes.length; at += 16) {
    const row = [...bytes.subarray(at, at + 16)]
    const hex = row.map((byte) => byte.toString(16).padStart(2, '0')).join(' ')
    const letters = row.map((byte) => (byte > 31 && byte < 127 ? String.fromCharCode(byte) : '.')).join('')
    lines.push(`${at.toString(16).padStart(6, '0')}  ${hex.padEnd(47)}  ${letters}`)
  }
  return lines.join('\n')
}
