import type { SignatureCause } from './explanations.ts'
import { jsonSpellings } from './json-spellings.ts'
import { innocent, type Suspect } from './suspect.ts'

const encoder = new TextEncoder()
const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
const lossy = new TextDecoder('utf-8', { ignoreBOM: true })
const byteOrderMark = '\ufeff'

/** The body as it came, and as it may have been when it was signed. */
export function suspectBodies(body: Uint8Array): Suspect<Uint8Array>[] {
  const suspects: Suspect<Uint8Array>[] = [innocent(body)]
  const add = (cause: SignatureCause, ...contents: Array<string | Uint8Array>) => {
    for (const content of contents) {
      const value = typeof content === 'string' ? encoder.encode(content) : content
      suspects.push({ value, causes: [cause] })
    }
  }
  const text = decodedStrictly(body)
  if (text === undefined) {
    // The sender took these bytes for text, and signed that text.
    add('decoded_text', lossy.decode(body), fromLatin1(body))
    return suspects
  }
  add('trailing_newline', `${text}\n`, `${text}\r\n`, text.replace(/\r?\n$/, ''), text.trimEnd())
  add('byte_order_mark', byteOrderMark + text, text.replace(byteOrderMark, ''))
  add('line_endings', text.replace(/\r?\n/g, '\r\n'), text.replace(/\r\n/g, '\n'))
  const latin1 = toLatin1(text)
  if (latin1) add('decoded_text', latin1)
  add('decoded_text', fromLatin1(body))
  add('reserialized_json', ...jsonSpellings(text.replace(byteOrderMark, '')))
  return suspects
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

/** The bytes that were taken for Latin-1 text, if that is what happened. */
function toLatin1(text: string): Uint8Array | undefined {
  const bytes = new Uint8Array(text.length)
  for (let index = 0; index < text.length; index++) {
    const unit = text.charCodeAt(index)
    if (unit > 0xff) return undefined
    bytes[index] = unit
  }
  return bytes
}

/** What becomes of UTF-8 bytes that are taken for Latin-1 and encoded again. */
function fromLatin1(body: Uint8Array): string {
  let text = ''
  for (const byte of body) text += String.fromCharCode(byte)
  return text
}
