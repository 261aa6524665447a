import {
  type Asking,
  ConfigurationError,
  defineSource,
  joinIds,
  type ListedThing,
  type Source,
} from '@hookport/core'
import { aFunction } from '../definition-kit/check-options.ts'
import { unlessMissing } from '../management/error.ts'
import type { ManagementOptions } from '../management/request.ts'
import {
  checkSourceOptions,
  isFinal,
  type ListingSourceOptions,
  listedThings,
  timeOf,
} from '../management/source.ts'
import { getOptimization, type Optimization, readOptimizationPage } from './optimizations.ts'

/** Options of the source that asks Sematryx for optimizations that have ended. */
export interface SematryxOptimizationsOptions
  extends Omit<ManagementOptions, 'signal' | 'maxWaitMs' | 'onRateLimit'>,
    ListingSourceOptions<Optimization> {
  /** Which of the account's optimizations belong to this receiver, where it is one of several. Defaults to all of them. */
  only?: ((optimization: Optimization) => boolean) | undefined
}

const limit = 100
const ends = ['completed', 'failed', 'cancelled']
/** The fields in the webhook of a completed optimization. A list may leave some out. */
const resultFields = ['best_solution', 'best_fitness', 'evaluations', 'duration_seconds'] as const

/**
 * A source for the option `reconcile` of a Sematryx receiver: it compares what was taken on with the optimizations of the account. One that ended
 * without a webhook is taken on in the form that Sematryx sends.
 *
 * @throws {ConfigurationError} for an option that can't work.
 */
export function sematryxOptimizations(options: SematryxOptimizationsOptions): Source {
  checkSourceOptions('sematryxOptimizations', options, { only: aFunction })
  const { every, lookBack, from, share, only, tenantOf, ...api } = options
  const calling = ({ signal, onRateLimit }: Asking) => ({ ...api, signal, onRateLimit, maxWaitMs: 0 })

  /** @throws {ConfigurationError} for a promise, which would say of everything that it belongs here. */
  function isOurs(optimization: Optimization): boolean {
    if (only === undefined) return true
    const answer: unknown = only(optimization)
    if (typeof (answer as PromiseLike<unknown> | undefined)?.then !== 'function') return Boolean(answer)
    Promise.resolve(answer).catch(() => {})
    throw new ConfigurationError(
      'sematryxOptimizations: only returned a promise; it must return true or false synchronously',
    )
  }

  function listed(optimization: Optimization): ListedThing {
    const { id, status, created_at, completed_at } = optimization
    return {
      subject: id,
      tenant: tenantOf?.(optimization),
      isOther: !isOurs(optimization),
      status,
      createdAt: timeOf(created_at),
      hasEnded: ends.includes(status),
      endedAt: timeOf(completed_at),
      answer: optimization,
      type: `optimization.${status}`,
      async event(ask) {
        const isWhole =
          status !== 'completed' || resultFields.every((name) => optimization[name] !== undefined)
        return eventOf(
          isWhole ? optimization : await ask((asking) => getOptimization({ ...calling(asking), id })),
        )
      },
    }
  }

  return defineSource({
    provider: 'sematryx',
    every,
    lookBack,
    from,
    share,
    isWhole: only === undefined,
    hasTenants: tenantOf !== undefined,
    isFinal,
    async readPage(_, { itemsBefore }, asking) {
      const page = { ...calling(asking), limit, offset: itemsBefore }
      const { items, count } = await readOptimizationPage(page, itemsBefore > 0)
      return { items: listedThings(items, listed), count, isLast: count > limit ? true : undefined }
    },
    async find(_, id, asking) {
      const found = await unlessMissing(getOptimization({ ...calling(asking), id }))
      return found && isOurs(found) ? listed(found) : undefined
    },
  })
}

/** The body that Sematryx sends at the end of an optimization. Sematryx gives it an id that is in no list. */
function eventOf(optimization: Optimization): object {
  const { id, status, completed_at, created_at } = optimization
  const { best_solution, best_fitness, evaluations, duration_seconds, error } = optimization
  const type = `optimization.${status}`
  const result = { best_solution, best_fitness, evaluations, duration_seconds }
  return {
    id: joinIds('reconciled', type, id),
    type,
    created_at:
      [completed_at, created_at].find((time) => timeOf(time) !== undefined) ?? new Date().toISOString(),
    data: {
      optimization_id: id,
      status,
      ...(status === 'completed' ? { result } : { ...(error !== undefined && { error }) }),
    },
  }
}
