import { ConfigurationError } from '../contracts/errors.ts'
import type { ProviderDefinition, SignatureClaim, SignatureScheme } from '../contracts/provider/provider.ts'

/** How a definition reads signatures: nothing found is `missing`, and what goes wrong in it is told as its own fault. */
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
        `${name}: readSignature answered ${flaw}; it must answer, at once, 'missing', 'malformed' or a claim with its digests`,
      )
    const claim = reading as SignatureClaim
    if (claim.signedAt !== undefined && !Number.isFinite(claim.signedAt)) return 'malformed'
    const { signedFields } = claim
    if (signedFields === undefined) return claim
    return {
      ...claim,
      signedFields: (fields) => attributed(name, 'signedFields', () => signedFields(fields)),
    }
  }
}

/**
 * What a function of a definition answers.
 *
 * @throws {ConfigurationError} in place of anything that it throws: whose fault it is, and what it threw.
 */
function attributed<Result>(provider: string, field: string, call: () => Result): Result {
  try {
    return call()
  } catch (cause) {
    const thrown = cause instanceof Error ? `${cause.name}: ${cause.message}` : String(cause)
    throw new ConfigurationError(
      `${provider}: ${field} threw ${thrown}; headers and forms come from anybody, and it must answer whatever they hold`,
      { cause },
    )
  }
}

function flawOf(reading: unknown): string | undefined {
  if (typeof reading !== 'object' || reading === null) return `a ${typeof reading}`
  if ('then' in reading) return 'a promise'
  const { digests, signedAt, maxAge } = reading as Partial<Record<keyof SignatureClaim, unknown>>
  if (!Array.isArray(digests)) return 'a claim whose digests are no list'
  if (!digests.every((digest) => ArrayBuffer.isView(digest)))
    return 'a claim with a digest that is no Uint8Array'
  if (signedAt !== undefined && typeof signedAt !== 'number')
    return 'a claim whose signedAt is no number of milliseconds'
  if (maxAge !== undefined && !(typeof maxAge === 'number' && maxAge >= 0))
    return 'a claim whose maxAge is no number of milliseconds'
  return undefined
}
