/** A sender's text on one line, without control characters for the terminal. */
export function printableLine(text: string): string {
  return text.replace(/\p{Cc}/gu, '\ufffd')
}

/** The same, with several lines. */
export function printable(text: string): string {
  return text.replace(/(?![\n\t])\p{Cc}/gu, '\ufffd')
}
