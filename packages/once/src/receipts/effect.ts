import type { HandlerContext, WebhookEvent } from '@hookport/core/types'

/** An effect that takes place once: what an event is for one handler, or what a redrive wants again of it. */
export interface Effect {
  /** The event's key. */
  readonly key: string
  /** Other keys of the same happening. */
  readonly aliases: readonly string[]
  readonly origin: WebhookEvent['origin']
  /** The name of the handler. What a redrive wants again is another effect: behind the name, and a line break that is in no name, stands that of the redrive. */
  readonly handler: string
}

export function effectOf(
  { key, aliases, origin }: WebhookEvent,
  handler: string,
  { replay }: HandlerContext,
): Effect {
  return {
    key,
    aliases: aliases.filter((alias) => alias !== key),
    origin,
    handler: replay === undefined ? handler : `${handler}\n${replay}`,
  }
}
