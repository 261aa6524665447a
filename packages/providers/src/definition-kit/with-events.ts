import type { EventSchemas } from '@hookport/core'

/** No event types. */
export type NoEvents = Record<never, never>

/** A provider's own event types, with those of the application added, or put in their place. */
export type WithEvents<Own extends EventSchemas, Added extends EventSchemas> = Omit<Own, keyof Added> & Added

export function withEvents<Own extends EventSchemas, Added extends EventSchemas>(
  own: Own,
  added: Added | undefined,
): WithEvents<Own, Added> {
  return { ...own, ...added } as Own & Added
}
