/** A sender's text on one line, without control characters for the terminal, and none that turn the order of a text round. */
export function printableLine(text: string): string {
  return text.replace(/[\p{Cc}\u2028-\u202e\u2066-\u2069]/gu, '\ufffd')
}

/** The same, with several lines. */
export function printable(text: string): string {
  return text.replace(/(?![\n\t])[\p{Cc}\u2028-\u202e\u2066-\u2069]/gu, '\ufffd')
}

/** A line of JSON, with those of these characters escaped that `JSON.stringify` leaves as they are. Any other line has none of them. */
export function escapedLine(line: string): string {
  return line.replace(/[\x7f-\x9f\u2028-\u202e\u2066-\u2069]/g, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
  })
}
