/**
 * Encodes any text so that every store can hold it: without NUL and other control characters, which some stores refuse or cut the text at, and
 * without lone surrogates, which UTF-8 can't encode. Ordinary text is unchanged. Different texts stay different, so that encoded text can be searched
 * for. Used for ids, types and tenants, which the sender chooses.
 */
export function encodeText(text: string): string {
  return mayNeedEscapes.test(text) ? JSON.stringify(text).slice(1, -1) : text
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what JSON escapes
const mayNeedEscapes = /["\\\u0000-\u001f\ud800-\udfff]/

/** The text that `encodeText` was given. */
export function decodeText(text: string): string {
  return text.includes('\\') ? JSON.parse(`"${text}"`) : text
}
