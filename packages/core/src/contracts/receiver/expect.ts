import type { HandlerContext } from './handler.ts'

/** Until when an end is expected. */
export interface ExpectOptions {
  /** How long it may take to end, in milliseconds. Must be shorter than the receiver's `dedupeWindow`. */
  within: number
  /** The tenant, where the receiver has tenants. */
  tenant?: string | undefined
  /** The list that contains it, where the source has several: the id of its trigger. Without it, every list may have to be asked. */
  list?: string | undefined
}

/** A thing whose end was expected in vain so far. */
export interface OverdueThing {
  readonly subject: string
  readonly tenant: string | undefined
  readonly expectedAt: Date
  readonly dueAt: Date
  /** The provider's answer about it, just asked for. Undefined where it knows no such thing, was not asked because there is no source, or did not answer. */
  readonly lastSeen: { readonly status: string; readonly answer: unknown } | undefined
  /** Why the provider could not be asked. */
  readonly askingFailed: string | undefined
}

/** Does what is necessary where an end is overdue. As for any handler, resolving is success, and throwing means another attempt. */
export type OverdueHandler = (thing: OverdueThing, context: HandlerContext) => unknown

/** An expectation that is kept. */
export interface Expectation {
  readonly subject: string
  readonly tenant: string | undefined
  readonly expectedAt: Date
  readonly dueAt: Date
  /** For `redrive` and `discard` of the inbox. */
  readonly key: string
  /** `failed`: it is overdue, and the handlers of `onOverdue` have failed for good. `overdue`: they have succeeded. */
  readonly state: 'waiting' | 'failed' | 'fulfilled' | 'overdue'
}

/** The state of all expectations. */
export interface Expectations {
  /** Those that are neither fulfilled nor overdue. */
  readonly waiting: number
  readonly failed: number
  /**
   * How many were fulfilled since `countedSince`, those included whose event was there before. Counted over all processes that share the inbox, or in
   * this process only where the inbox keeps no notes. One whose process dies at that moment may count twice.
   */
  readonly fulfilled: number
  /**
   * How many were passed to the handlers of `onOverdue`, whether these succeeded or failed for good. Counted as `fulfilled` is. A redrive of one that
   * failed counts again.
   */
  readonly overdue: number
  /** Undefined where none was fulfilled or overdue so far. */
  readonly countedSince: Date | undefined
  /** At most a hundred that wait or have failed, and the last hundred that were fulfilled or overdue. These are kept for the receiver's `keepHandledFor`. */
  readonly items: readonly Expectation[]
}
