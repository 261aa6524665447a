import { ConfigurationError, readIsoTimestamp, type SourceDefinition } from '@hookport/core'
import { aFunction, anything, type Check, checkEach } from '../definition-kit/check-options.ts'
import { checkedKey, checkedUrl } from './check-call.ts'
import { ManagementError } from './error.ts'
import type { ManagementOptions } from './request.ts'

/** What every source takes. */
export interface ListingSourceOptions<Thing>
  extends Pick<SourceDefinition, 'every' | 'lookBack' | 'from' | 'share'> {
  /**
   * Whose a thing is. To be given where the function that picks the receiver's secret may answer a tenant, and to answer the same. Defaults to nobody's.
   */
  tenantOf?: ((thing: Thing) => string | undefined) | undefined
}

/** `defineSource` looks into most of them. */
const common: Readonly<Record<string, Check>> = {
  ...{ apiKey: anything, baseUrl: anything, clock: anything, tenantOf: aFunction },
  ...{ every: anything, lookBack: anything, from: anything, share: anything },
}

/**
 * What JavaScript hands in, and environment variables: told at the start, and not by the first pass. A mistyped option would be as if it were not
 * given, and all that the account has be taken for this receiver's.
 *
 * @param own options that this source alone has.
 * @throws {ConfigurationError} for an unknown option, and what no request can be made with.
 */
export function checkSourceOptions<Thing>(
  of: string,
  options: Pick<ManagementOptions, 'apiKey' | 'baseUrl'> & ListingSourceOptions<Thing>,
  own: Readonly<Record<string, Check>>,
): void {
  checkEach(of, options, { ...common, ...own })
  checkedKey(`${of}: apiKey`, options.apiKey)
  if (options.baseUrl !== undefined) checkedUrl(options.baseUrl)
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
