import type { WebhookEvent } from '../event.ts'

/** An event of any type, with its data checked. */
// biome-ignore lint/suspicious/noExplicitAny: it sees the data of all types, and one field of each
export type OrderedEvent = WebhookEvent<string, any>

/** Has events of one key handled one at a time, over all processes that share the inbox. */
export interface OrderOptions {
  /**
   * The key of an event: the id of the run that it tells of, say. Undefined or null where order does not matter for it. Called once, when the event is put, with its data
   * checked. An event for which it throws, or whose data does not fit its schema, is held as a dead letter; redriven, it is read anew, `by` included.
   *
   * Keys are told apart by source and tenant.
   */
  by(event: OrderedEvent): string | null | undefined
  /**
   * What becomes of an event that comes after a newer one of its key: `handle` it all the same, or `skip` it, handler by handler, where that handler
   * has succeeded with a newer one within `dedupeWindow`. Newer is what has a later `createdAt`, or the same and a higher rank. What was skipped is observed as
   * `skipped`, and counts as handled. Defaults to `handle`.
   */
  older?: 'handle' | 'skip'
  /**
   * Of two events of a key that happened at one time, the lower comes first. Any finite number. Defaults to the place of the event's type in the `lifecycle` of the
   * provider, or 0.
   */
  rank?(event: OrderedEvent): number
}
