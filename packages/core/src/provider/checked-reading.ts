import { ConfigurationError } from '../contracts/errors.ts'
import type { ProviderDefinition, SignatureClaim, SignatureScheme } from '../contracts/provider/provider.ts'
import { describeThrown } from '../contracts/reason-of.ts'
import { unknownName } from '../options/option-table.ts'
import { isLate } from '../time/awaitable.ts'

const claimFields: Record<keyof SignatureClaim, true> = {
  digests: true,
  signedPrefix: true,
  otherSignedPrefixes: true,
  signedSuffix: true,
  signedFields: true,
  signedBodySha256: true,
  signedAt: true,
  maxAge: true,
}

/** Reads signatures by a definition. No signature is `missing`, and an error is reported as the definition's fault. */
export function checkedReading(definition: ProviderDefinition): SignatureScheme['readSignature'] {
  const { name } = definition
  return (headers, request = { method: 'POST', url: '' }) => {
    const reading: unknown = attributed(name, 'readSignature', () =>
      definition.readSignature(headers, request),
    )
    if (reading === undefined || reading === null || reading === 'missing') return 'missing'
    if (reading === 'malformed') return 'malformed'
    const flaw = flawOf(reading)
    if (flaw !== undefined)
      throw new ConfigurationError(
        `${name}: readSignature returned ${flaw}; it must return, synchronously, 'missing', 'malformed' or a claim with its digests`,
      )
    const claim = reading as SignatureClaim
    if (claim.signedAt !== undefined && !Number.isFinite(claim.signedAt)) return 'malformed'
    const { signedFields } = claim
    if (signedFields === undefined) return claim
    return {
      ...claim,
      signedFields(fields) {
        const text: unknown = attributed(name, 'signedFields', () => signedFields(fields))
        if (text === undefined || typeof text === 'string') return text
        throw new ConfigurationError(
          `${name}: signedFields returned a ${isLate(text) ? 'promise' : typeof text}; it must return the text that is signed, or undefined`,
        )
      },
    }
  }
}

/**
 * The answer of a definition's function.
 *
 * @throws {ConfigurationError} in place of anything that it throws. It names the function and what it threw.
 */
function attributed<Result>(provider: string, field: string, call: () => Result): Result {
  try {
    return call()
  } catch (cause) {
    throw new ConfigurationError(
      `${provider}: ${field} threw ${describeThrown(cause)}; headers and forms may come from anybody, so it must not throw for any content`,
      { cause },
    )
  }
}

function flawOf(reading: unknown): string | undefined {
  if (typeof reading !== 'object' || reading === null) return `a ${typeof reading}`
  if (isLate(reading)) return 'a promise'
  const claim = reading as Partial<Record<keyof SignatureClaim, unknown>>
  const { digests } = claim
  if (!Array.isArray(digests)) return 'a claim whose digests are not a list'
  if (!digests.every((digest) => ArrayBuffer.isView(digest)))
    return 'a claim with a digest that is not a Uint8Array'
  return flawOfParts(claim) ?? flawOfNames(claim)
}

/** A misspelt `signedAt` would leave every age of a signature valid, and a misspelt part would be left out of what is signed. */
function flawOfNames(claim: object): string | undefined {
  const unknown = unknownName(claim, claimFields)
  return unknown && `a claim with an unknown field (${unknown})`
}

const isText = (value: unknown) => typeof value === 'string'

const parts: readonly (readonly [keyof SignatureClaim, fits: (value: unknown) => boolean, flaw: string])[] = [
  ['signedAt', (value) => typeof value === 'number', 'is not a number of milliseconds'],
  ['maxAge', (value) => typeof value === 'number' && value >= 0, 'is not a number of milliseconds'],
  ['signedPrefix', isText, 'is not a string'],
  ['signedSuffix', isText, 'is not a string'],
  [
    'otherSignedPrefixes',
    (value) => Array.isArray(value) && value.every(isText),
    'are not a list of strings',
  ],
  ['signedFields', (value) => typeof value === 'function', 'is not a function'],
  ['signedBodySha256', ArrayBuffer.isView, 'is not a Uint8Array'],
]

/** What is no text would only fail once it is hashed, which looks like a store that is away. */
function flawOfParts(claim: Partial<Record<keyof SignatureClaim, unknown>>): string | undefined {
  const wrong = parts.find(([name, fits]) => claim[name] !== undefined && !fits(claim[name]))
  return wrong && `a claim whose ${wrong[0]} ${wrong[2]}`
}
