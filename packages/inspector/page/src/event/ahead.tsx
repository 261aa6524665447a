import type { FullEvent } from '../answers/types.ts'
import { writePlace } from '../place.ts'
import type { Shared } from '../shared.ts'
import { ago, count } from '../times.ts'
import { visible } from '../visible.ts'

interface AheadProps extends Pick<Shared, 'place' | 'now'> {
  readonly event: FullEvent
}

/** What an event waits for whose order key another one holds, or that is not the next in line. */
export function Ahead({ event: { ahead }, place, now }: AheadProps) {
  if (ahead === undefined || (ahead.events.length === 0 && ahead.isComplete)) return null
  return (
    <section>
      <h2>Waits its turn</h2>
      <p>Events of one order key are handled one at a time. Before this one:</p>
      <ol class="ahead">
        {ahead.events.map(({ key, id, type, state, dueAt }) => (
          <li key={key}>
            <span class={`badge ${state}`}>{state}</span>{' '}
            <a class="id" href={writePlace({ ...place, event: key })}>
              {visible(id)}
            </a>{' '}
            {visible(type)}
            {dueAt !== null && `, next attempt ${ago(dueAt, now)}`}
          </li>
        ))}
      </ol>
      {!ahead.isComplete && (
        <p>
          {ahead.events.length === 0
            ? 'Too many events wait to find them.'
            : `The first ${count(ahead.events.length)}; there may be more.`}
        </p>
      )}
    </section>
  )
}
