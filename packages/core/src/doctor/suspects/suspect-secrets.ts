import { decodeBase64 } from '../../bytes/digests.ts'
import type { SecretDecoder } from '../../contracts/provider/secret.ts'
import type { SignatureCause } from '../explanations.ts'
import type { Suspect } from './suspect.ts'

const encoder = new TextEncoder()
const asText: SecretDecoder = (secret) => encoder.encode(secret)

/** The keys made from the secrets, and those that they would be without one of the known causes. */
export function suspectSecrets(
  secrets: readonly string[],
  otherSecrets: Readonly<Record<string, string>>,
  decode: SecretDecoder,
): Suspect<Uint8Array>[] {
  const found = new Map<string, Suspect<Uint8Array>>()
  const add = (key: () => Uint8Array, causes: readonly SignatureCause[], detail?: string) => {
    const value = attempted(key)
    if (!value || value.length === 0) return
    const bytes = String(value) // a key that is found in two ways counts once, with the fewest causes
    if (!found.has(bytes)) found.set(bytes, { value, causes, ...(detail !== undefined && { detail }) })
  }
  for (const secret of secrets) add(() => decode(secret), [])
  for (const [name, secret] of Object.entries(otherSecrets)) {
    add(() => decode(secret), ['other_secret'], name)
    for (const key of decodings(secret)) add(key, ['other_secret'], name) // it may be that of another provider
    for (const [text, cause] of surrounded(secret)) add(() => decode(text), ['other_secret', cause], name)
  }
  for (const secret of secrets) {
    for (const [text, cause] of surrounded(secret)) add(() => decode(text), [cause])
    for (const key of decodings(secret)) add(key, ['decoded_secret'])
  }
  return [...found.values()]
}

/** Also white space that nobody sees, and escapes that were never read as such. */
const whiteSpace = /^(?:[\s\u200b\u2060]|\\[nrt])+|(?:[\s\u200b\u2060]|\\[nrt])+$/g
/** Quotation marks, also a single one and those of a word processor, what follows them in code, and the white space around and in them. */
const quotes = /^(?:[\s\u200b\u2060"'`“”‘’]|\\[nrt])+|(?:[\s\u200b\u2060"'`“”‘’,;]|\\[nrt])+$/g

/** The secret without what may surround it, and with it, where the sender has it so. */
function surrounded(secret: string): Array<[text: string, cause: SignatureCause]> {
  const bare = secret.replace(whiteSpace, '')
  const padded = ['\n', '\r\n', ' ', '\t', '\\n'].flatMap((space) => [
    bare + space,
    space + bare,
    space + bare + space,
  ])
  const quoted = [`"${bare}"`, `'${bare}'`, `\`${bare}\``, `“${bare}”`]
  return [
    ...[bare, ...padded].map((text): [string, SignatureCause] => [text, 'padded_secret']),
    ...[secret.replace(quotes, ''), ...quoted].map((text): [string, SignatureCause] => [
      text,
      'quoted_secret',
    ]),
  ]
}

/** The ways in which senders turn a secret into a key. */
function decodings(secret: string): Array<() => Uint8Array> {
  const bare = secret.replace(/^whsec_/, '')
  return [
    () => asText(secret),
    () => asText(bare),
    () => asText(`whsec_${bare}`),
    () => fromBase64(bare),
    () => fromBase64(secret),
    () => fromHex(bare),
  ]
}

function fromBase64(text: string): Uint8Array {
  return decodeBase64(text.replace(/-/g, '+').replace(/_/g, '/'))
}

function fromHex(text: string): Uint8Array {
  if (!/^(?:[0-9a-f]{2})+$/i.test(text)) throw new Error('not hex')
  return Uint8Array.from(text.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16))
}

function attempted(key: () => Uint8Array): Uint8Array | undefined {
  try {
    return key()
  } catch {
    return undefined
  }
}
