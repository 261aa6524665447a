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
  for (const [token] of text.matchAll(/"(?:[^"\\]|\\.)*"?|[{}[\],:]|[^\s{}[\],:"]+/gs)) {
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

export function isJson(text: string): boolean {
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
