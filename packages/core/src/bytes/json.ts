const decoder = new TextDecoder('utf-8', { fatal: true })

/** @throws {TypeError} for what is not UTF-8, {SyntaxError} for what is not JSON. A byte order mark is passed over (RFC 8259, 8.1). */
export function decodeJson(bytes: Uint8Array): unknown {
  return JSON.parse(decoder.decode(bytes))
}
