/**
 * Writes any text so that every store keeps it: without NUL, at which some end or refuse text, and the characters beside it, and without
 * lone surrogates, which UTF-8 has no form for. Ordinary text stays as it is. No two texts become one, so that what is written can be
 * searched for. For ids, types and tenants, which are a sender's to choose.
 */
export function encodeText(text: string): string {
  return JSON.stringify(text).slice(1, -1)
}

/** What `encodeText` was given. */
export function decodeText(text: string): string {
  return text.includes('\\') ? JSON.parse(`"${text}"`) : text
}
