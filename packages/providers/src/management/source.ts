import { ConfigurationError, readIsoTimestamp, type SourceDefinition } from '@hookport/core'
import { ManagementError } from './error.ts'

/** What every source takes. */
export interface ListingSourceOptions<Thing>
  extends Pick<SourceDefinition, 'every' | 'lookBack' | 'from' | 'share'> {
  /**
   * Whose a thing is. To be given where the function that picks the receiver's secret may answer a tenant, and to answer the same. Defaults to nobody's.
   */
  tenantOf?: ((thing: Thing) => string | undefined) | undefined
}

/** Asking again mends neither a wrong key nor a wrong id. */
export function isFinal(error: unknown): boolean {
  if (error instanceof ConfigurationError) return true
  return error instanceof ManagementError && ['unauthorized', 'invalid', 'not_found'].includes(error.code)
}

/** What a question answers; undefined where there is no such thing. */
export async function unlessMissing<Answer>(question: Promise<Answer>): Promise<Answer | undefined> {
  try {
    return await question
  } catch (error) {
    if (error instanceof ManagementError && error.code === 'not_found') return undefined
    throw error
  }
}

/** Milliseconds since 1970; undefined for what is no time. */
export function timeOf(value: unknown): number | undefined {
  try {
    return readIsoTimestamp(value, 'time').getTime()
  } catch {
    return undefined
  }
}
