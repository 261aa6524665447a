import { z } from 'zod'
import { allPages } from '../management/all-pages.ts'
import { anyNumber, assertAbout, readableItems, validAnswer } from '../management/check-answer.ts'
import { pathSegment } from '../management/check-call.ts'
import { unlessMissing } from '../management/error.ts'
import type { ListingOptions } from '../management/listing-options.ts'
import {
  type Answered,
  callManagement,
  type ManagementAnswer,
  type ManagementOptions,
} from '../management/request.ts'
import { sematryxUrl } from './base-url.ts'

/** An optimization, as Sematryx's API returns it. Where the API has two names for a field, both are read. */
export interface Optimization {
  /** `opt_…`: `data.optimization_id` of a webhook. */
  readonly id: string
  /** `running`, `completed`, `failed` or `cancelled`, as documented. */
  readonly status: string
  readonly best_solution?: readonly number[] | undefined
  readonly best_fitness?: number | undefined
  readonly evaluations?: number | undefined
  readonly duration_seconds?: number | undefined
  readonly strategy_used?: string | undefined
  readonly created_at?: string | undefined
  readonly completed_at?: string | undefined
  readonly error?: unknown
  /** Sematryx's whole answer. */
  readonly answer: ManagementAnswer
}

export interface ListOptimizationsOptions extends ManagementOptions, ListingOptions {
  /** At most this many. Defaults to the API's default. */
  limit?: number | undefined
  /** How many to skip. Defaults to 0. */
  offset?: number | undefined
}

export interface AllOptimizationsOptions extends ManagementOptions, ListingOptions {
  /** How many to request at once. Defaults to 100. */
  limit?: number | undefined
}

/**
 * A page of the optimizations of your account. The form of the answer is not documented: a plain array, `{ operations }` and `{ results }` are
 * accepted. An item that can't be read is left out, and `onUnreadable` is called.
 *
 * @throws {ConfigurationError} for a missing API key.
 * @throws {ManagementError} where the API refuses, or answers anything else, or items of which none can be read.
 */
export async function listOptimizations(options: ListOptimizationsOptions): Promise<Optimization[]> {
  return (await readOptimizationPage(options)).items
}

/** All optimizations, page by page, each once. Waits where the rate limit is used up. Throws as `listOptimizations` does. */
export function allOptimizations(
  options: AllOptimizationsOptions,
): AsyncGenerator<Optimization, void, undefined> {
  const { limit = 100 } = options
  return allPages(options, async (offset) => {
    const { items, count, waitMs } = await readOptimizationPage({ ...options, limit, offset }, offset > 0)
    return { items, count, waitMs, isLast: count > limit ? true : undefined } // more than requested: the API has no pages
  })
}

/** One optimization, from either of the two documented paths. Throws as `listOptimizations` does. */
export async function getOptimization(options: ManagementOptions & { id: string }): Promise<Optimization> {
  const get = async (folder: string) => {
    const path = `${folder}/${pathSegment('id', options.id)}`
    const found = toOptimization((await callSematryx(options, path)).answer)
    assertAbout(options.id, found.id, found.answer.operation_id)
    return found
  }
  return (await unlessMissing(get('/v1/optimize'))) ?? get('/v1/optimize/result')
}

/** As `listOptimizations`, with the number of items on the page, unreadable ones included. */
export async function readOptimizationPage(
  options: ListOptimizationsOptions,
  isFollowing = false,
): Promise<{ items: Optimization[]; count: number; waitMs: number }> {
  const query = new URLSearchParams()
  if (options.limit !== undefined) query.set('limit', String(options.limit))
  if (options.offset !== undefined) query.set('offset', String(options.offset))
  const path = `/v1/optimize${query.size > 0 ? `?${query}` : ''}`
  const { answer, waitMs } = await callSematryx(options, path)
  const found = validAnswer('a list of optimizations', listed, answer)
  const items = readableItems('an optimization', optimization, found, options, isFollowing).map(
    toOptimization,
  )
  return { items, count: found.length, waitMs }
}

function callSematryx(options: ManagementOptions, path: string): Promise<Answered> {
  return callManagement({ ...options, baseUrl: options.baseUrl ?? sematryxUrl }, { method: 'GET', path })
}

const listed = z.union([
  z.array(z.unknown()),
  z.object({ operations: z.array(z.unknown()) }).transform(({ operations }) => operations),
  z.object({ results: z.array(z.unknown()) }).transform(({ results }) => results),
])

const text = z.string().nullish()

const optimization = z
  .looseObject({
    id: text,
    operation_id: text,
    status: text,
    best_solution: z.array(anyNumber).nullish(),
    optimal_solution: z.array(anyNumber).nullish(),
    best_fitness: z.nullish(anyNumber),
    optimal_value: z.nullish(anyNumber),
    evaluations: z.nullish(anyNumber),
    evaluations_used: z.nullish(anyNumber),
    duration_seconds: z.nullish(anyNumber),
    execution_time: z.nullish(anyNumber),
    strategy_used: text,
    created_at: text,
    completed_at: text,
  })
  .refine(({ id, operation_id }) => Boolean(id ?? operation_id), 'it has neither id nor operation_id')
  .refine((found) => statusOf(found) !== undefined, 'it has no status')

function toOptimization(answer: unknown): Optimization {
  const found = validAnswer('an optimization', optimization, answer)
  return {
    id: (found.id ?? found.operation_id) as string,
    status: statusOf(found) as string,
    best_solution: found.best_solution ?? found.optimal_solution ?? undefined,
    best_fitness: found.best_fitness ?? found.optimal_value ?? undefined,
    evaluations: found.evaluations ?? found.evaluations_used ?? undefined,
    duration_seconds: found.duration_seconds ?? found.execution_time ?? undefined,
    strategy_used: found.strategy_used ?? undefined,
    created_at: found.created_at ?? undefined,
    completed_at: found.completed_at ?? undefined,
    error: found.error ?? undefined,
    answer: found,
  }
}

interface Told {
  readonly status?: string | null | undefined
  readonly best_fitness?: number | null | undefined
  readonly optimal_value?: number | null | undefined
  readonly error?: unknown
}

/** An answer without a status is read as the provider's own dashboard reads it: a result has none. */
function statusOf({ status, best_fitness, optimal_value, error }: Told): string | undefined {
  return (
    status ??
    (typeof (best_fitness ?? optimal_value) === 'number' ? 'completed' : error ? 'failed' : undefined)
  )
}
