/** A text of a sender's on one line. What was written there must not steer the terminal. */
export function printableLine(text: string): string {
  return text.replace(/\p{Cc}/gu, '\ufffd')
}

/** Likewise of several lines. */
export function printable(text: string): string {
  return text.replace(/(?![\n\t])\p{Cc}/gu, '\ufffd')
}
