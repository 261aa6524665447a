import type { HandlerContext, WebhookEvent } from '@hookport/core/types'

/** An effect that takes place once: one handler on one event, or its repeat by a redrive. */
export interface Effect {
  /** The event's key. */
  readonly key: string
  /** Other keys of the same event. */
  readonly aliases: readonly string[]
  readonly origin: WebhookEvent['origin']
  /** The name of the handler. A repeat by a redrive is another effect: its name is followed by a line break, which no name contains, and the id of the redrive. */
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
