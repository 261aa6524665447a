import type { TellsOf } from '@hookport/core'
import { anyNumber, list, nullish, openObject, text } from '../definition-kit/data-shapes.ts'
import type { SchemasOf } from '../definition-kit/with-events.ts'
import type { Optimization } from './optimizations.ts'

/** Data of `optimization.completed`. */
export interface CompletedOptimization extends TellsOf<Optimization> {
  optimization_id: string
  status: string
  result: OptimizationResult
}

/** The result of an optimization. A run that diverged has NaN and infinities among its numbers. */
export interface OptimizationResult {
  best_solution: number[]
  best_fitness: number
  /** An integer; beyond 2^53 it is exact only in `rawBody`. */
  evaluations: number
  duration_seconds: number
}

/** Data of a type of which only the envelope is documented. No field of it is required. */
export interface UndocumentedData extends TellsOf<Optimization> {
  optimization_id?: string | null | undefined
}

/** Event types of Sematryx and their data. */
export interface SematryxEvents {
  'optimization.started': UndocumentedData
  'optimization.completed': CompletedOptimization
  'optimization.failed': UndocumentedData
  'optimization.cancelled': UndocumentedData
  'optimization.stagnated': UndocumentedData
  'optimization.timeout': UndocumentedData
  'strategy.changed': UndocumentedData
  'context.updated': UndocumentedData
}

const undocumented = openObject({ optimization_id: nullish(text) })

/** Unknown fields are kept. */
export const sematryxEvents: SchemasOf<SematryxEvents> = {
  'optimization.started': undocumented,
  'optimization.completed': openObject({
    optimization_id: text,
    status: text,
    result: openObject({
      best_solution: list(anyNumber),
      best_fitness: anyNumber,
      evaluations: anyNumber,
      duration_seconds: anyNumber,
    }),
  }),
  'optimization.failed': undocumented,
  'optimization.cancelled': undocumented,
  'optimization.stagnated': undocumented,
  'optimization.timeout': undocumented,
  'strategy.changed': undocumented,
  'context.updated': undocumented,
}

/** The stages of one optimization. Its events may have the same time, as that is in whole seconds. */
export const sematryxLifecycle = [
  'optimization.started',
  ['strategy.changed', 'context.updated', 'optimization.stagnated'],
  ['optimization.completed', 'optimization.failed', 'optimization.cancelled', 'optimization.timeout'],
] as const
