import { decodeBase64 } from '../../bytes/digests.ts'
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
    yield suspected(lossy.decode(body), 'decoded_text')
    yield* suspectDecodings(body)
    return
  }
  const bare = text.replace(byteOrderMark, '')
  const given = new Set<string>()
  for (const [content, ...causes] of suspectTexts(text, bare)) {
    given.add(content)
    yield suspected(content, ...causes)
  }
  const latin1 = bytesOf(text, latin1Units) ?? bytesOf(text, windowsUnits())
  if (latin1) yield suspected(latin1, 'decoded_text')
  yield* suspectDecodings(body)
  for (const form of ['NFC', 'NFD']) yield suspected(text.normalize(form), 'decoded_text')
  const encoded = fromBase64(text)
  if (encoded) yield suspected(encoded, 'decoded_text')
  for (const spelling of jsonSpellings(bare, given, limit)) yield suspected(spelling, 'reserialized_json')
}

/** What was added to the ends of the text, or removed from them, and what its lines end with. */
function suspectTexts(text: string, bare: string): Array<[content: string, ...causes: SignatureCause[]]> {
  const trimmed = bare.trim()
  const windows = text.replace(/\r?\n/g, '\r\n')
  const unix = text.replace(/\r\n/g, '\n')
  return [
    ...[`${text}\n`, `${text}\r\n`, `${text}\n\n`, `${text} `, `\n${text}`, ` ${text}`].map(
      (content): [string, SignatureCause] => [content, 'trailing_newline'],
    ),
    [text.replace(/\r?\n$/, ''), 'trailing_newline'],
    [text.trimEnd(), 'trailing_newline'],
    [byteOrderMark + text, 'byte_order_mark'],
    [bare, 'byte_order_mark'],
    bare === text ? [trimmed, 'trailing_newline'] : [trimmed, 'byte_order_mark', 'trailing_newline'],
    [windows, 'line_endings'],
    [unix, 'line_endings'],
    [windows.trimEnd(), 'line_endings', 'trailing_newline'],
    [unix.trimEnd(), 'line_endings', 'trailing_newline'],
  ]
}

function suspected(content: string | Uint8Array, ...causes: SignatureCause[]): Suspect<Uint8Array> {
  return { value: typeof content === 'string' ? encoder.encode(content) : content, causes }
}

/** What the bytes turn into when they are read in another character set and encoded again. */
function* suspectDecodings(body: Uint8Array): Generator<Suspect<Uint8Array>> {
  yield suspected(fromLatin1(body), 'decoded_text')
  for (const label of ['windows-1252', 'utf-16le']) {
    const text = decodedAs(label, body)
    if (text === undefined) continue
    yield suspected(text, 'decoded_text')
    if (text.trimEnd() !== text) yield suspected(text.trimEnd(), 'decoded_text', 'trailing_newline')
  }
}

/** Undefined for bytes that the character set does not have, and where the platform does not have the character set. */
function decodedAs(label: string, bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder(label, { fatal: true }).decode(bytes)
  } catch {
    return undefined
  }
}

/** Some platforms hand bodies on in base64. */
function fromBase64(text: string): Uint8Array | undefined {
  try {
    return decodeBase64(text.trim())
  } catch {
    return undefined
  }
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

type ByteOf = (character: string) => number | undefined

const latin1Units: ByteOf = (character) => character.charCodeAt(0)

/** What the Web's decoders call Latin-1, too. */
function windowsUnits(): ByteOf {
  const bytes = Uint8Array.from({ length: 256 }, (_, byte) => byte)
  const characters = decodedAs('windows-1252', bytes) ?? ''
  const units = new Map([...characters].map((character, byte) => [character, byte]))
  return (character) => units.get(character)
}

/** The bytes that were read as text in a set of 256 characters, if that is what happened. */
function bytesOf(text: string, byteOf: ByteOf): Uint8Array | undefined {
  const bytes = new Uint8Array(text.length)
  for (let index = 0; index < text.length; index++) {
    const byte = byteOf(text.charAt(index)) ?? 0x100
    if (byte > 0xff) return undefined
    bytes[index] = byte
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
