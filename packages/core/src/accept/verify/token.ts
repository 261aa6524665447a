/** The most bytes of a text that a handshake may have signed. */
export const maxTokenBytes = 256

const token = /^[A-Za-z0-9_-]{1,256}$/

/** Whether a text may be signed for a handshake. No delivery is taken on that is signed over such a text. */
export function isToken(text: unknown): text is string {
  return typeof text === 'string' && token.test(text)
}
