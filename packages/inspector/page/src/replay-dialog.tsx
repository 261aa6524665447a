import { useState } from 'preact/hooks'
import { Dialog } from './dialog.tsx'
import { change } from './server.ts'
import type { Shared } from './shared.ts'
import type { Source } from './types.ts'

interface ReplayDialogProps extends Shared {
  readonly query: Readonly<Record<string, string>>
  readonly sources: readonly Source[]
  close(): void
}

/** Has handled events handled anew, by the receiver that they are of: those that the filters leave. */
export function ReplayDialog({ store, query, sources, close, changed }: ReplayDialogProps) {
  const [source, setSource] = useState(query.source || sources[0]?.name || '')
  const [handler, setHandler] = useState('')
  const [again, setAgain] = useState(false)
  const [isRunning, setRunning] = useState(false)
  const [error, setError] = useState('')

  async function run(): Promise<void> {
    setRunning(true)
    const { from, before, type, tenant } = query
    const wanted = {
      ...(from && { from: Number(from) }),
      ...(before && { to: Number(before) }),
      ...(type && { type }),
      ...(tenant && { tenant }),
      ...(handler && { handler }),
    }
    try {
      const { result } = await change<{ result: unknown }>('replay', {
        store: store.id,
        source,
        again,
        ...wanted,
      })
      changed(`Replayed: ${JSON.stringify(result)}`)
      close()
    } catch (failure) {
      setError((failure as Error).message)
      setRunning(false)
    }
  }

  return (
    <Dialog title="Replay handled events" close={close}>
      <p>
        Handled events that match the filters are handled anew. A filter by text in the id does not count
        here.
      </p>
      <label>
        Receiver
        <select value={source} onChange={(event) => setSource(event.currentTarget.value)}>
          {sources.map(({ name }) => (
            <option key={name}>{name}</option>
          ))}
        </select>
      </label>
      <label>
        Handler (empty: all)
        <input value={handler} onInput={(event) => setHandler(event.currentTarget.value)} />
      </label>
      <label class="check">
        <input type="checkbox" checked={again} onChange={(event) => setAgain(event.currentTarget.checked)} />
        Repeat effects that have a receipt
      </label>
      {error && (
        <p class="error" role="alert">
          {error}
        </p>
      )}
      <div class="buttons">
        <button type="button" class="primary" disabled={isRunning} onClick={run}>
          Replay
        </button>
        <button type="button" onClick={close}>
          Cancel
        </button>
      </div>
    </Dialog>
  )
}
