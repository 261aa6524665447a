import { ConfigurationError } from '../contracts/errors.ts'
import { foundValue } from '../contracts/found-value.ts'
import type { Source, SourceDefinition } from '../contracts/reconcile/source.ts'
import { Reconciler, type ReconcilerOptions, type ReconcilerTools } from './reconciler.ts'

type Flaw = (definition: SourceDefinition) => string | undefined

const positive = (value: unknown) => typeof value === 'number' && value > 0 && Number.isFinite(value)

const flaws: readonly Flaw[] = [
  ({ provider }) =>
    typeof provider === 'string' && provider !== '' ? undefined : 'provider must be the name of a provider',
  ({ every }) =>
    positive(every)
      ? undefined
      : `every is ${foundValue(every)}; it must be a number of milliseconds above 0`,
  ({ lookBack }) =>
    lookBack === undefined || positive(lookBack)
      ? undefined
      : `lookBack is ${foundValue(lookBack)}; it must be a number of milliseconds above 0`,
  ({ from }) =>
    from === undefined || (from instanceof Date && !Number.isNaN(from.getTime()))
      ? undefined
      : 'from is not a Date; give the time from which ended things are taken on',
  ({ share }) =>
    share === undefined || (positive(share) && share <= 1)
      ? undefined
      : `share is ${String(share)}; it must be a number above 0, and at most 1`,
  ({ isWhole }) => (typeof isWhole === 'boolean' ? undefined : 'isWhole must be true or false'),
  ({ readPage, find }) =>
    typeof readPage === 'function' && typeof find === 'function'
      ? undefined
      : 'readPage and find must be functions: they ask the provider',
]

/**
 * Describes how a provider is asked for what has ended, for the option `reconcile` of a receiver. The sources of JAOT and Sematryx are `jaotRuns` and
 * `sematryxOptimizations`.
 *
 * @throws {ConfigurationError} for a definition that can't work: it names the field.
 */
export function defineSource(definition: SourceDefinition): Source {
  for (const flawOf of flaws) {
    const flaw = flawOf(definition)
    if (flaw !== undefined) throw new ConfigurationError(`reconcile: ${flaw}`)
  }
  return {
    ...definition,
    share: definition.share ?? 0.5,
    hasTenants: definition.hasTenants ?? false,
    isFinal: definition.isFinal ?? (() => false),
    lists: definition.lists ?? (() => ['']),
    makeReconciler: (options: ReconcilerOptions, tools: ReconcilerTools) => new Reconciler(options, tools),
  }
}
