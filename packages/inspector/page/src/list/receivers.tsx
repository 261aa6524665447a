import { useState } from 'preact/hooks'
import { change } from '../answers/server.ts'
import type { Pause } from '../answers/types.ts'
import { useAnswer } from '../answers/use-answer.ts'
import type { Shared } from '../shared.ts'
import { ago } from '../times.ts'
import { visible } from '../visible.ts'

/** What is paused, and since when and why; pause and resume, for receivers that can. */
export function Receivers({ session, store, changed, now, version }: Shared) {
  const [error, setError] = useState('')
  const able = store.sources.filter(({ can }) => can.pause)
  const { answer } = useAnswer<readonly Pause[]>(
    'paused',
    able.length > 0 ? { store: store.id } : undefined,
    version,
  )
  if (able.length === 0) return null
  const pauses = answer ?? []
  const { mayChange } = session.viewer
  const running = able.filter(
    ({ name }) => !pauses.some(({ source, handler }) => source === name && !handler),
  )

  async function run(name: 'pause' | 'resume', source: string, handler?: string): Promise<void> {
    try {
      await change(name, { store: store.id, source, handler })
      setError('')
      const what = handler ? `${handler} of ${source}` : source
      changed(`${what} is ${name === 'pause' ? 'paused: accepted events wait' : 'resumed'}.`)
    } catch (failure) {
      setError((failure as Error).message)
    }
  }

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
