/**
 * Writes any text so that every store keeps it: without NUL, at which some end or refuse text, and the characters beside it, and without
 * lone surrogates, which UTF-8 has no form for. Ordinary text stays as it is. No two texts become one, so that what is written can be
 * searched for. For ids, types and tenants, which are a sender's to choose.
 */
export function encodeText(text: string): string {
  return mayNeedEscapes.test(text) ? JSON.stringify(text).slice(1, -1) : text
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what JSON escapes
const mayNeedEscapes = /["\\\u0000-\u001f\ud800-\udfff]/

/** What `encodeText` was given. */
export function decodeText(text: string): string {
  return text.includes('\\') ? JSON.parse(`"${text}"`) : text
}
