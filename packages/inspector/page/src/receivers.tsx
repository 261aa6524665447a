import { useState } from 'preact/hooks'
import { change } from './server.ts'
import type { Shared } from './shared.ts'

/** Pause and resume, for receivers that can. */
export function Receivers({ session, store, changed }: Shared) {
  const [error, setError] = useState('')
  const able = store.sources.filter(({ can }) => can.pause)
  if (able.length === 0 || !session.viewer.mayChange) return null

  async function run(name: 'pause' | 'resume', source: string): Promise<void> {
    try {
      await change(name, { store: store.id, source })
      changed(`${source} is ${name === 'pause' ? 'paused: accepted events wait' : 'resumed'}.`)
    } catch (failure) {
      setError((failure as Error).message)
    }
  }

  return (
    <section class="receivers" aria-label="Receivers">
      {able.map(({ name }) => (
        <span key={name} class="receiver">
          {name}
          <button type="button" onClick={() => run('pause', name)}>
            Pause <span class="hidden">{name}</span>
          </button>
          <button type="button" onClick={() => run('resume', name)}>
            Resume <span class="hidden">{name}</span>
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
