import type { JaotForm, ProviderName } from './wire-form.ts'

/** JAOT's event types by form. Its documentation and its sender code have no type in common. */
export const jaotEventTypes = {
  documented: ['trigger.run.completed', 'trigger.run.failed'],
  real: [
    'trigger.execution.completed',
    'trigger.execution.failed',
    'trigger.execution.validation_failed',
    'trigger.schedule.auto_disabled',
    'execution.completed',
    'execution.failed',
    'credits.low',
  ],
} as const satisfies Record<JaotForm, readonly string[]>

/** Every event type that a provider is known to send. */
export const eventTypes = {
  sematryx: [
    'optimization.started',
    'optimization.completed',
    'optimization.failed',
    'optimization.cancelled',
    'optimization.stagnated',
    'optimization.timeout',
    'strategy.changed',
    'context.updated',
  ],
  jaot: [...jaotEventTypes.documented, ...jaotEventTypes.real],
} as const

/** A known event type of a provider. */
export type EventType<P extends ProviderName = ProviderName> = (typeof eventTypes)[P][number]

/** The form in which JAOT sends a type: `documented` for `trigger.run.*`, `real` for every other. */
export function formOf(type: string): JaotForm {
  return type.startsWith('trigger.run.') ? 'documented' : 'real'
}
