import { useEffect, useRef, useState } from 'preact/hooks'
import { change } from '../answers/server.ts'
import type { Source } from '../answers/types.ts'
import type { Shared } from '../shared.ts'
import { count, counted } from '../times.ts'
import { Dialog } from './dialog.tsx'

interface ReplayDialogProps extends Shared {
  readonly query: Readonly<Record<string, string>>
  readonly sources: readonly Source[]
  close(): void
}

/** As a receiver answers it. */
interface ReplayProgress {
  readonly replayed: number
  readonly isComplete: boolean
}

/** A replay that has begun. If it fails, the next try goes on with it: under another name, what was replayed and handled would be replayed again. */
interface Begun {
  readonly asked: string
  readonly id: string
  /** How many there were as it began. Counted again, those that wait by then would be missing. */
  readonly most: number
  replayed: number
}

/** One request has so many made pending: the next one goes on, under the same name. */
const batch = 200

/**
 * Has handled events handled anew, by the receiver that they are of: those that the filters leave. It counts them first, and takes no more: what is
 * handled meanwhile is not touched.
 */
export function ReplayDialog(props: ReplayDialogProps) {
  const { store, sources, close, changed } = props
  const [query] = useState(props.query) // one by time moves on meanwhile, and all would be counted anew
  const [source, setSource] = useState(query.source || sources[0]?.name || '')
  const [handler, setHandler] = useState('')
  const [again, setAgain] = useState(false)
  const [found, setFound] = useState<number>()
  const [progress, setProgress] = useState<number>()
  const [error, setError] = useState('')
  const leaving = useRef(false)
  const begun = useRef<Begun | undefined>(undefined)
  const { from, before, type, tenant } = query
  const wanted = {
    ...{ store: store.id, source, again },
    ...(from && { from: Number(from) }),
    ...(before && { to: Number(before) }),
    ...(type && { type }),
    ...(tenant && { tenant }),
    ...(handler && { handler }),
  }
  const asked = JSON.stringify(wanted)
  useEffect(() => {
    let isLate = false
    setFound(undefined)
    change<{ result: ReplayProgress }>('replay', { ...wanted, dryRun: true }).then(
      ({ result }) => {
        if (isLate) return
        setError('')
        setFound(result.replayed)
      },
      (failure: Error) => isLate || setError(failure.message),
    )
    return () => {
      isLate = true
    }
  }, [asked])
  useEffect(
    () => () => {
      leaving.current = true
    },
    [],
  )

  async function run(most: number): Promise<void> {
    const id = `inspector-${Date.now()}-${Math.random().toString(36).slice(2)}`
    if (begun.current?.asked !== asked) begun.current = { asked, id, most, replayed: 0 }
    const replay = begun.current
    let isComplete = false
    try {
      while (!isComplete && replay.replayed < replay.most && !leaving.current) {
        setProgress(replay.replayed)
        const limit = Math.min(batch, replay.most - replay.replayed) // the oldest come first
        const asking = { ...wanted, id: replay.id, limit }
        const { result } = await change<{ result: ReplayProgress }>('replay', asking)
        replay.replayed += result.replayed
        isComplete = result.isComplete || result.replayed === 0
      }
      changed(`${counted(replay.replayed, 'handled event')} replayed.`)
      close()
    } catch (failure) {
      setError(`${(failure as Error).message} At least ${count(replay.replayed)} replayed before that.`)
      setProgress(undefined)
    }
  }

  const isRunning = progress !== undefined
  return (
    <Dialog
      title={found === undefined ? 'Counting…' : `Replay ${counted(found, 'handled event')}?`}
      close={close}
    >
      <p>They are handled again.{query.id && ' A filter by text in the id is ignored here.'}</p>
      <label>
        Receiver
        <select
          value={source}
          disabled={isRunning}
          onChange={(event) => setSource(event.currentTarget.value)}
        >
          {sources.map(({ name }) => (
            <option key={name}>{name}</option>
          ))}
        </select>
      </label>
      <label>
        Handler (empty: all)
        <input
          value={handler}
          disabled={isRunning}
          onChange={(event) => setHandler(event.currentTarget.value)}
        />
      </label>
      <label class="check">
        <input
          type="checkbox"
          checked={again}
          disabled={isRunning}
          onChange={(event) => setAgain(event.currentTarget.checked)}
        />
        Repeat effects that have a receipt
      </label>
      {isRunning && (
        <progress aria-label="Progress" max={Math.max(1, begun.current?.most ?? 1)} value={progress}>
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
          class="primary"
          disabled={isRunning || !found}
          onClick={() => found && run(found)}
        >
          Replay
        </button>
        <button type="button" onClick={close}>
          {isRunning ? 'Stop' : 'Cancel'}
        </button>
      </div>
    </Dialog>
  )
}
