import { visible } from './visible.ts'

/** `onEvent(order.paid):charge`, as progress has it, by the name that its author gave it: `charge`. The whole is in its title. */
export function HandlerName({ handler }: { handler: string }) {
  const given = /^on\w+\(.*\):(.+)$/s.exec(handler)?.[1]
  return (
    <span class="handler" title={visible(handler)}>
      {visible(given ?? handler)}
    </span>
  )
}
