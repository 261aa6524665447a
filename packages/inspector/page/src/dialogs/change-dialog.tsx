import { useEffect, useRef, useState } from 'preact/hooks'
import { change, collectKeys } from '../answers/server.ts'
import { count, counted } from '../times.ts'
import { Dialog } from './dialog.tsx'

export type Action = 'redrive' | 'discard'

interface ChangeDialogProps {
  readonly action: Action
  readonly store: string
  /** What is called what: `dead letter`. */
  readonly noun: string
  /** In which they are. */
  readonly state: string | undefined
  /** Which events are meant: keys, or all that a query finds. */
  readonly keys?: readonly string[]
  readonly query?: Readonly<Record<string, string>>
  close(): void
  changed(what: string): void
}

const batch = 200
const done = { redrive: 'redriven', discard: 'discarded' } as const

/** Counts what is meant, says how many, and does it to exactly those: what comes in meanwhile is not touched. */
export function ChangeDialog(props: ChangeDialogProps) {
  const { action, store, noun, keys: given, query, close, changed } = props
  const [state] = useState(props.state) // as the person has seen it
  const [keys, setKeys] = useState<readonly string[] | undefined>(given)
  const [found, setFound] = useState(0)
  const [progress, setProgress] = useState<number>()
  const [again, setAgain] = useState(false)
  const [error, setError] = useState('')
  const leaving = useRef(new AbortController())
  useEffect(() => {
    const { signal } = leaving.current
    const fail = (failure: Error) => signal.aborted || setError(failure.message)
    if (query) collectKeys(query, signal, setFound).then(setKeys, fail)
    return () => leaving.current.abort()
  }, [query])

  async function run(all: readonly string[]): Promise<void> {
    const { signal } = leaving.current
    let changedSoFar = 0
    let gone = 0
    try {
      for (let at = 0; at < all.length && !signal.aborted; at += batch) {
        setProgress(at)
        const some = all.slice(at, at + batch)
        const { notFound } = await change<{ notFound: string[] }>(action, {
          ...{ store, keys: some },
          ...(action === 'redrive' ? { again } : { state }),
        })
        changedSoFar += some.length - notFound.length
        gone += notFound.length
      }
      const left = gone > 0 ? `; ${count(gone)} had changed meanwhile` : ''
      changed(`${counted(changedSoFar, noun)} ${done[action]}${left}.`)
      close()
    } catch (failure) {
      setError(`${(failure as Error).message} At least ${count(changedSoFar)} ${done[action]} before that.`)
      setProgress(undefined)
    }
  }

  const title = keys === undefined ? 'Counting…' : `${verb(action)} ${counted(keys.length, noun)}?`
  const isRunning = progress !== undefined
  return (
    <Dialog title={title} close={close}>
      {keys === undefined && <p role="status">{count(found)} so far</p>}
      {action === 'discard' && (
        <p>They are deleted for good. Their ids stay remembered, so a repeated delivery is a duplicate.</p>
      )}
      {action === 'redrive' && (
        <label class="check">
          <input
            type="checkbox"
            checked={again}
            disabled={isRunning}
            onChange={(event) => setAgain(event.currentTarget.checked)}
          />
          Also run handlers that have succeeded, and repeat their effects
        </label>
      )}
      {isRunning && keys && (
        <progress aria-label="Progress" max={keys.length} value={progress}>
          {progress}
        </progress>
      )}
      {error && (
        <p class="error" role="alert">
          {error}
        </p>
      )}
      <div class="buttons">
        <button
          type="button"
          class={action === 'discard' ? 'danger' : 'primary'}
          disabled={isRunning || keys === undefined || keys.length === 0}
          onClick={() => keys && run(keys)}
        >
          {verb(action)}
        </button>
        <button type="button" onClick={close}>
          {isRunning ? 'Stop' : 'Cancel'}
        </button>
      </div>
    </Dialog>
  )
}

function verb(action: Action): string {
  return action === 'redrive' ? 'Redrive' : 'Discard'
}
