import type { HandlerContext } from './handler.ts'

/** Until when the end of a thing is expected. */
export interface ExpectOptions {
  /** How long the end of it may take, in milliseconds. Shorter than the receiver's `dedupeWindow`. */
  within: number
  /** Whose it is, where the receiver has tenants. */
  tenant?: string | undefined
  /** The list that it stands in, where the source has several: the id of its trigger. It saves the question which. */
  list?: string | undefined
}

/** A thing whose end was expected, and has not been heard of. */
export interface OverdueThing {
  readonly subject: string
  readonly tenant: string | undefined
  readonly expectedAt: Date
  readonly dueAt: Date
  /** What the provider told of it just now. Undefined where it knows no such thing, was not asked for want of a source, or did not answer. */
  readonly lastSeen: { readonly status: string; readonly answer: unknown } | undefined
  /** Why it could not be asked. */
  readonly askingFailed: string | undefined
}

/**
 * Does what is to be done where the end of something is overdue. Like that of any handler: resolving is success, throwing means another
 * attempt.
 */
export type OverdueHandler = (thing: OverdueThing, context: HandlerContext) => unknown

/** An expectation that is kept. */
export interface Expectation {
  readonly subject: string
  readonly tenant: string | undefined
  readonly expectedAt: Date
  readonly dueAt: Date
  /** For `redrive` and `discard` of the inbox. */
  readonly key: string
  /** `failed`: it is overdue, and the handlers that were to be told have failed for good. `overdue`: they were told. */
  readonly state: 'waiting' | 'failed' | 'fulfilled' | 'overdue'
}

/** What became of all that was expected. */
export interface Expectations {
  /** That are neither fulfilled, nor told of as overdue. */
  readonly waiting: number
  readonly failed: number
  /**
   * How many were fulfilled since `countedSince`, those included whose event was there before: by all processes that share the inbox, or by this one
   * where the inbox keeps no notes. One whose process dies at that moment may count twice.
   */
  readonly fulfilled: number
  /** How many the handlers were told of, or failed to be for good. Counted as `fulfilled` is; again where one that had failed is redriven. */
  readonly overdue: number
  /** Undefined where none was fulfilled or overdue so far. */
  readonly countedSince: Date | undefined
  /**
   * A hundred at the most that wait or have failed, and the last hundred of those that were fulfilled or told of, which are kept for the receiver's
   * `keepHandledFor`.
   */
  readonly items: readonly Expectation[]
}
