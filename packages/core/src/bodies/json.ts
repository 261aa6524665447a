import { rememberBody } from './exact-text.ts'
import { parsePythonJson } from './python-json.ts'

const decoder = new TextDecoder('utf-8', { fatal: true })

/**
 * Reads JSON, and what Python writes for it: `NaN`, `Infinity` and `-Infinity` are the numbers of these names. A byte order mark is skipped (RFC
 * 8259, 8.1). It remembers how the numbers of an object or array are written, for `requireId`.
 *
 * @throws {TypeError} for bytes that are not UTF-8, {SyntaxError} for text that is not JSON.
 */
export function decodeJson(bytes: Uint8Array): unknown {
  const document = parsed(bytes)
  if (typeof document === 'object' && document !== null) rememberBody(document, bytes)
  return document
}

function parsed(bytes: Uint8Array): unknown {
  const text = decoder.decode(bytes)
  try {
    return JSON.parse(text)
  } catch (error) {
    const parsed = parsePythonJson(text)
    if (parsed === undefined) throw error
    return parsed
  }
}
