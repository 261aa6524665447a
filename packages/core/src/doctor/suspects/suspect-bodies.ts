import type { SignatureCause } from '../explanations.ts'
import type { TimeLimit } from '../time-limit.ts'
import { jsonSpellings } from './json-spellings.ts'
import type { Suspect } from './suspect.ts'

const encoder = new TextEncoder()
const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
const lossy = new TextDecoder('utf-8', { ignoreBOM: true })
const byteOrderMark = '\ufeff'

/** The body as it may have been when it was signed. The variants are created one by one, as each takes time and memory. */
export function* suspectBodies(body: Uint8Array, limit: TimeLimit): Generator<Suspect<Uint8Array>> {
  const text = decodedStrictly(body)
  if (text === undefined) {
    // The sender decoded the bytes wrongly, and signed the resulting text.
    yield* suspected('decoded_text', lossy.decode(body), fromLatin1(body))
    return
  }
  yield* suspected('trailing_newline', `${text}\n`, `${text}\r\n`, text.replace(/\r?\n$/, ''), text.trimEnd())
  yield* suspected('byte_order_mark', byteOrderMark + text, text.replace(byteOrderMark, ''))
  yield* suspected('line_endings', text.replace(/\r?\n/g, '\r\n'), text.replace(/\r\n/g, '\n'))
  const latin1 = toLatin1(text)
  if (latin1) yield* suspected('decoded_text', latin1)
  yield* suspected('decoded_text', fromLatin1(body))
  for (const spelling of jsonSpellings(text.replace(byteOrderMark, ''), limit))
    yield* suspected('reserialized_json', spelling)
}

function* suspected(
  cause: SignatureCause,
  ...contents: ReadonlyArray<string | Uint8Array>
): Generator<Suspect<Uint8Array>> {
  for (const content of contents)
    yield { value: typeof content === 'string' ? encoder.encode(content) : content, causes: [cause] }
}

/** Whether characters of a body were replaced by U+FFFD, which can't be undone. */
export function hasReplacementCharacters(body: Uint8Array): boolean {
  return decodedStrictly(body)?.includes('\ufffd') ?? false
}

function decodedStrictly(body: Uint8Array): string | undefined {
  try {
    return strict.decode(body)
  } catch {
    return undefined
  }
}

/** The bytes that were read as Latin-1 text, if that is what happened. */
function toLatin1(text: string): Uint8Array | undefined {
  const bytes = new Uint8Array(text.length)
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index)
    if (unit > 0xff) return undefined
    bytes[index] = unit
  }
  return bytes
}

/** What UTF-8 bytes turn into when they are read as Latin-1 and encoded again. */
function fromLatin1(body: Uint8Array): string {
  const parts: string[] = []
  for (let at = 0; at < body.length; at += 4096) {
    parts.push(String.fromCharCode(...body.subarray(at, at + 4096)))
  }
  return parts.join('')
}
