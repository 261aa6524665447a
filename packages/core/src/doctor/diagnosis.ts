import type { HeaderReader } from '../contracts/delivery.ts'
import type { SignatureScheme } from '../contracts/provider/provider.ts'
import { isCutOffJson } from './cut-off-json.ts'
import { explanations, type SignatureCause } from './explanations.ts'
import type { Match } from './find-match.ts'
import { hasReplacementCharacters } from './suspect-bodies.ts'

/** What is the matter. Holds no secret, no signature and nothing of the body: it can be logged. */
export interface Diagnosis {
  /** `matches`: nothing is the matter. */
  readonly cause: SignatureCause | 'matches' | 'none of the known causes'
  /** A second cause, where it takes two. */
  readonly also?: SignatureCause
  /** True where undoing the cause made the signature match; false where the cause is only likely. */
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
  /** Whether a digest was found in any header. */
  readonly hasSignature: boolean
}

/** What can be seen, and not proven. */
export function likely({ provider, headers, headerNames, body, hasSignature }: Unproven): Diagnosis {
  const announced = Number(headers.get('content-length') ?? Number.NaN)
  if (announced > body.length)
    return describe(['truncated_body'], `${announced} bytes were announced, ${body.length} are here`, false)
  if (isCutOffJson(body)) return describe(['truncated_body'], 'its JSON does not end', false)
  if (body.length === 0 && hasSignature)
    return describe(['truncated_body'], 'it is empty; was it read by something else before?', false)
  const named = [...provider.signatureHeaders.slice(0, 1), ...headerNames.filter(isNamedSignature)]
  if (!hasSignature && !named.some((name) => headers.get(name)))
    return describe(['missing_signature'], '', false)
  const absent = provider.signatureHeaders.slice(1).find((name) => !headers.get(name))
  if (absent !== undefined) return describe(['missing_signed_header'], absent, false)
  if (hasReplacementCharacters(body)) return describe(['decoded_text'], '', false)
  if (isAsStringified(body)) {
    return {
      cause: 'reserialized_json',
      proven: false,
      explanation:
        'likely re-serialised: the body is to the byte what JSON.stringify writes, as few senders do',
      fix: `${explanations.reserialized_json.fix}. If the sender does write JSON so, the secret is another one: register the webhook anew`,
    }
  }
  return {
    cause: 'none of the known causes',
    proven: false,
    explanation: 'none of the known causes makes the signature match',
    fix: 'is the secret the one that this webhook was registered with? Register it anew, and compare a delivery byte by byte with what the sender shows',
  }
}

/** Strangers can have it parsed, in development. */
const mostBytesParsed = 64 * 1024

/**
 * Whether the body is what `JSON.stringify` makes of it. So are the bodies of some senders: it proves nothing. A single value, or an empty
 * object, is written alike by everyone: it tells nothing.
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

function isNamedSignature(name: string): boolean {
  return name.includes('signature')
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
