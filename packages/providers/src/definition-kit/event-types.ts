/** The types of the providers that adapters include by name. An application's own declarations may have to name them. */

export type * from '../jaot/event-data.ts'
export type { JaotOptions, JaotReceiverOptions } from '../jaot/provider.ts'
export type {
  CompletedOptimization,
  OptimizationResult,
  SematryxEvents,
  UndocumentedData,
} from '../sematryx/events.ts'
export type { SematryxOptions, SematryxReceiverOptions } from '../sematryx/provider.ts'
export type { NoEvents, WithEvents } from './with-events.ts'
