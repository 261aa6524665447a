import { type RetryPolicy, resolveOptions } from '../../src/setup/options.ts'
import { acme } from './acme.ts'

/** A whole policy of which only these parts matter: an option more is none here. */
export function retryPolicy(parts: Partial<RetryPolicy>): RetryPolicy {
  return resolveOptions({ provider: acme(), retry: parts }).retry
}
