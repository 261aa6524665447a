import { useState } from 'preact/hooks'
import { change } from './server.ts'
import type { Pause, StoreInfo } from './types.ts'
import { useAnswer } from './use-answer.ts'

interface PausesOf {
  readonly store: StoreInfo
  readonly version: string
  /** Told what was done. */
  readonly changed: (what: string) => void
}

interface Pauses {
  /** Undefined until it is known. */
  readonly pauses: readonly Pause[] | undefined
  /** Why the last change failed. Empty if it did not. */
  readonly error: string
  readonly run: (name: 'pause' | 'resume', source: string, handler?: string) => Promise<void>
}

/** What is paused in a store, where a receiver of it can pause; and how to pause and resume. */
export function usePauses({ store, version, changed }: PausesOf): Pauses {
  const [error, setError] = useState('')
  const canAny = store.sources.some(({ can }) => can.pause)
  const { answer: pauses } = useAnswer<readonly Pause[]>(
    'paused',
    canAny ? { store: store.id } : undefined,
    version,
  )
  const run: Pauses['run'] = async (name, source, handler) => {
    try {
      await change(name, { store: store.id, source, handler })
      setError('')
      const what = handler ? `${handler} of ${source}` : source
      changed(`${what} is ${name === 'pause' ? 'paused: accepted events wait' : 'resumed'}.`)
    } catch (failure) {
      setError((failure as Error).message)
    }
  }
  return { pauses, error, run }
}
