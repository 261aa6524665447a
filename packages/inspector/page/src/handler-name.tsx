import { visible } from './visible.ts'

/** `onEvent(order.paid):charge`, as progress has it, by the name that its author gave it: `charge`. The whole is in its title. */
export function HandlerName({ handler }: { handler: string }) {
  return (
    <span class="handler" title={visible(handler)}>
      {visible(givenName(handler))}
    </span>
  )
}

/** The name that its author gave it, or the whole where there is none. */
export function givenName(handler: string): string {
  return /^on\w+(?:\(.*\))?:(.+)$/s.exec(handler)?.[1] ?? handler
}
