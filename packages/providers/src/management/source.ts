import { ConfigurationError, type ListedThing, readIsoTimestamp, type SourceDefinition } from '@hookport/core'
import { aFunction, anything, type Check, checkEach } from '../definition-kit/check-options.ts'
import { checkedKey, checkedUrl } from './check-call.ts'
import { ManagementError } from './error.ts'
import { warn } from './listing-options.ts'
import type { ManagementOptions } from './request.ts'

/** Options of every source. */
export interface ListingSourceOptions<Thing>
  extends Pick<SourceDefinition, 'every' | 'lookBack' | 'from' | 'share'> {
  /** The tenant of a thing. Required where the function that picks the receiver's secret may answer a tenant, and must answer the same. Defaults to no tenant. */
  tenantOf?: ((thing: Thing) => string | undefined) | undefined
}

/** `defineSource` checks most of them. */
const common: Readonly<Record<string, Check>> = {
  ...{ apiKey: anything, baseUrl: anything, clock: anything, tenantOf: aFunction },
  ...{ every: anything, lookBack: anything, from: anything, share: anything },
}

/**
 * Checks options from JavaScript and from environment variables, at the start and not in the first pass. If a mistyped option were ignored,
 * everything in the account would be taken for this receiver's.
 *
 * @param own options that only this source has.
 * @throws {ConfigurationError} for an unknown option, and a value that no request can use.
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

/**
 * The things of a page. An item for which a function of the application fails, such as `tenantOf`, is left out, and the process is warned: it holds
 * up no other. The page counts it, so the next pass reads it again.
 *
 * @throws {ConfigurationError} as `listed` does.
 */
export function listedThings<Item>(
  items: readonly Item[],
  listed: (item: Item) => ListedThing,
): ListedThing[] {
  return items.flatMap((item) => {
    try {
      return [listed(item)]
    } catch (error) {
      if (error instanceof ConfigurationError) throw error
      warn(error instanceof Error ? error : new Error(String(error)))
      return []
    }
  })
}

/** A retry does not help with a wrong key or a wrong id. */
export function isFinal(error: unknown): boolean {
  if (error instanceof ConfigurationError) return true
  return error instanceof ManagementError && ['unauthorized', 'invalid', 'not_found'].includes(error.code)
}

/** Milliseconds since 1970. Undefined for a value that is not a time. */
export function timeOf(value: unknown): number | undefined {
  try {
    return readIsoTimestamp(value, 'time').getTime()
  } catch {
    return undefined
  }
}
