import { usePauses } from '../answers/use-pauses.ts'
import type { Shared } from '../shared.ts'
import { ago } from '../times.ts'
import { visible } from '../visible.ts'

/** What is paused, and since when and why; pause and resume, for receivers that can. */
export function Receivers(shared: Shared) {
  const { session, store, now } = shared
  const { pauses = [], error, run } = usePauses(shared)
  const able = store.sources.filter(({ can }) => can.pause)
  if (able.length === 0) return null
  const { mayChange } = session.viewer
  const running = able.filter(
    ({ name }) => !pauses.some(({ source, handler }) => source === name && !handler),
  )

  return (
    <section class="receivers" aria-label="Receivers">
      {pauses.map(({ source, handler, reason, since }) => (
        <span key={`${source} ${handler ?? ''}`} class="receiver paused">
          <strong>{visible(handler ? `${handler} of ${source}` : source)}</strong> paused {ago(since, now)}:{' '}
          {visible(reason)}
          {mayChange && (
            <button type="button" onClick={() => run('resume', source, handler)}>
              Resume <span class="hidden">{handler ?? source}</span>
            </button>
          )}
        </span>
      ))}
      {mayChange &&
        running.map(({ name }) => (
          <span key={name} class="receiver">
            <button type="button" onClick={() => run('pause', name)}>
              Pause {name}
            </button>
          </span>
        ))}
      {error && (
        <p class="error" role="alert">
          {error}
        </p>
      )}
    </section>
  )
}
