/** A text of others, with characters that would turn round the order of what is shown after them written as JSON writes them: `\u202e`. */
export function visible(text: string): string {
  return text.replace(/[\u202a-\u202e\u2066-\u2069]/g, (turn) => `\\u${turn.charCodeAt(0).toString(16)}`)
}
