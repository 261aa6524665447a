import type { Failure, FullEvent } from '../answers/types.ts'
import { HandlerName } from '../handler-name.tsx'
import { ago, instantOf } from '../times.ts'
import { visible } from '../visible.ts'

/** Why the event is where it is, as its handlers have said. */
export function Failures({ event, now }: { event: FullEvent; now: number }) {
  const { failures, progress } = event
  const all = [
    ...failures,
    ...progress.abandoned.filter((one) => !failures.some((other) => isSame(one, other))),
  ]
  if (all.length === 0) return null
  return (
    <section class="failures">
      <h2>Why it failed</h2>
      {all.map((failure, index) => (
        <div key={index} class="failure">
          <p>
            <HandlerName handler={failure.handler ?? 'the event'} /> <code>{visible(failure.code)}</code>{' '}
            <time dateTime={new Date(failure.at).toISOString()} title={instantOf(failure.at)}>
              {ago(failure.at, now)}
            </time>
          </p>
          <pre class="text">{visible(failure.message)}</pre>
          {failure.stack && (
            <details>
              <summary>Stack</summary>
              <pre class="text">{visible(failure.stack)}</pre>
            </details>
          )}
        </div>
      ))}
    </section>
  )
}

function isSame(one: Failure, other: Failure): boolean {
  return one.handler === other.handler && one.at === other.at && one.message === other.message
}
