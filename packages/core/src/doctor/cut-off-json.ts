const quote = '"'.charCodeAt(0)
const backslash = '\\'.charCodeAt(0)
const [brace, bracket, closingBrace, closingBracket] = new TextEncoder().encode('{[}]')

/** Whether the bytes are the beginning of a JSON object or array that does not end. Reads each byte once. */
export function isCutOffJson(body: Uint8Array): boolean {
  const text = beginningOfText(body)
  if (text === undefined || !/^\s*[{[]/.test(text)) return false
  let open = 0
  for (let at = 0; at < body.length; at++) {
    const byte = body[at]
    if (byte === quote) at = endOfString(body, at)
    else if (byte === brace || byte === bracket) open += 1
    else if (byte === closingBrace || byte === closingBracket) open -= 1
    if (at === body.length) return true
  }
  return open > 0
}

/** The position of the quote that ends a string. The length of the body if there is none. */
function endOfString(body: Uint8Array, start: number): number {
  let at = start + 1
  while (at < body.length && body[at] !== quote) at += body[at] === backslash ? 2 : 1
  return Math.min(at, body.length)
}

/** The cut may be within a character of several bytes. With `stream`, the decoder leaves that character out. */
function beginningOfText(body: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(body, { stream: true })
  } catch {
    return undefined
  }
}
