import type { HeaderReader } from '../contracts/delivery.ts'
import type { SignatureScheme } from '../contracts/provider/provider.ts'
import { isCutOffJson } from './cut-off-json.ts'
import { hasShortSignature } from './cut-off-signature.ts'
import { explanations, type SignatureCause } from './explanations.ts'
import type { Match } from './find-match.ts'
import { hasReplacementCharacters } from './suspects/suspect-bodies.ts'

/** The result. It contains no secret, no signature and nothing of the body, so it can be logged. */
export interface Diagnosis {
  /** `matches`: nothing is wrong. */
  readonly cause: SignatureCause | 'matches' | 'none of the known causes'
  /** A second cause, where there are two. */
  readonly also?: SignatureCause
  /** True where undoing the cause made the signature match. False where the cause is only likely. */
  readonly proven: boolean
  readonly explanation: string
  readonly fix: string
}

/** The causes without which the signature matches. */
export function proven({ causes, detail = '' }: Match): Diagnosis {
  if (causes.length > 0) return describe(causes, detail, true)
  return { cause: 'matches', proven: true, explanation: 'the signature matches', fix: 'nothing to do' }
}

interface Unproven {
  readonly provider: SignatureScheme
  readonly headers: HeaderReader
  readonly headerNames: readonly string[]
  readonly body: Uint8Array
  /** Whether any header contains a digest. */
  readonly hasSignature: boolean
}

/** What can be seen but not proven. */
export function likely({ provider, headers, headerNames, body, hasSignature }: Unproven): Diagnosis {
  const announced = Number(headers.get('content-length') ?? Number.NaN)
  if (announced > body.length)
    return describe(['truncated_body'], `${announced} bytes were announced, ${body.length} arrived`, false)
  if (isCutOffJson(body)) return describe(['truncated_body'], 'its JSON does not end', false)
  if (body.length === 0 && hasSignature)
    return describe(['truncated_body'], 'it is empty; did something else read it before?', false)
  const named = [...provider.signatureHeaders.slice(0, 1), ...headerNames.filter(isNamedSignature)]
  if (!hasSignature && !named.some((name) => headers.get(name)))
    return describe(['missing_signature'], '', false)
  const absent = absentHeader(provider, headers)
  if (absent !== undefined) return describe(['missing_signed_header'], absent, false)
  if (hasShortSignature(provider, headers)) {
    return {
      cause: 'truncated_signature',
      proven: false,
      explanation: 'likely cut off: the signature has fewer digits than any of this sender',
      fix: explanations.truncated_signature.fix,
    }
  }
  if (hasReplacementCharacters(body)) return describe(['decoded_text'], '', false)
  if (isAsStringified(body)) {
    return {
      cause: 'reserialized_json',
      proven: false,
      explanation:
        'likely re-serialised: the body is byte for byte what JSON.stringify writes, and few senders write JSON like that',
      fix: `${explanations.reserialized_json.fix}. If the sender does write JSON like that, the secret is wrong: register the webhook again`,
    }
  }
  return {
    cause: 'none of the known causes',
    proven: false,
    explanation: 'none of the known causes makes the signature match',
    fix: 'is the secret the one that this webhook was registered with? Register it again, and compare a delivery byte by byte with what the sender shows',
  }
}

/**
 * The header that the definition misses: the one with which there would be a signature. A sender may sign in one of several families of headers, and
 * those of another family are not missed.
 */
function absentHeader(
  { signatureHeaders, readSignature }: SignatureScheme,
  headers: HeaderReader,
): string | undefined {
  const readWith = (filled?: string) => {
    try {
      const reading = readSignature({ get: (name) => (name === filled ? '0' : headers.get(name)) })
      return typeof reading === 'string' ? reading : 'claim'
    } catch {
      return 'claim'
    }
  }
  const reading = readWith()
  if (reading === 'claim') return undefined
  const absent = signatureHeaders.slice(1).filter((name) => !headers.get(name))
  return absent.find((name) => readWith(name) !== reading) ?? (reading === 'missing' ? absent[0] : undefined)
}

/** Larger bodies are not parsed: in development, strangers can send them. */
const mostBytesParsed = 64 * 1024

/**
 * Whether the body is what `JSON.stringify` makes of it. That proves nothing, as the bodies of some senders are. A single value or an empty object
 * says nothing, as everyone writes it in the same way.
 */
function isAsStringified(body: Uint8Array): boolean {
  if (body.length > mostBytesParsed) return false
  const text = new TextDecoder().decode(body)
  if (!/^[[{].*[:,]/s.test(text)) return false
  try {
    return JSON.stringify(JSON.parse(text)) === text
  } catch {
    return false
  }
}

/** The name of a time that is signed may say so, too: `x-signature-timestamp`. */
function isNamedSignature(name: string): boolean {
  return name.includes('signature') && !name.endsWith('timestamp')
}

function describe(causes: readonly SignatureCause[], detail: string, isProven: boolean): Diagnosis {
  const [cause, also] = causes as [SignatureCause, SignatureCause?]
  const told = causes.map((each) => explanations[each])
  return {
    cause,
    ...(also && { also }),
    proven: isProven,
    explanation: told.map(({ explanation }) => explanation.replace('%', () => detail)).join('; and '),
    fix: told.map(({ fix }) => fix).join('; then '),
  }
}
