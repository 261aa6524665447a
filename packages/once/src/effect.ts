import type { HandlerContext, WebhookEvent } from '@hookport/core/types'

/** An effect that takes place once: what an event is for one handler, or what a redrive wants again of it. */
export interface Effect {
  /** The event's key. */
  readonly key: string
  /** Other keys of the same happening. */
  readonly aliases: readonly string[]
  readonly origin: WebhookEvent['origin']
  readonly handler: string
  /** Empty, or the name of a redrive that wants it again. */
  readonly replay: string
}

export function effectOf(
  { key, aliases, origin }: WebhookEvent,
  handler: string,
  { replay = '' }: HandlerContext,
): Effect {
  return { key, aliases: aliases.filter((alias) => alias !== key), origin, handler, replay }
}
