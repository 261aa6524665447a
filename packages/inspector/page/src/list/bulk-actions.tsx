import { useState } from 'preact/hooks'
import type { Standing } from '../answers/types.ts'
import { type Action, ChangeDialog } from '../dialogs/change-dialog.tsx'
import { ReplayDialog } from '../dialogs/replay-dialog.tsx'
import { isFiltered } from '../place.ts'
import type { Shared } from '../shared.ts'
import { count } from '../times.ts'

interface BulkActionsProps extends Shared {
  readonly query: Readonly<Record<string, string>>
  readonly standing: Standing | undefined
}

/** What can be done to all events that the filters leave. */
export function BulkActions(props: BulkActionsProps) {
  const { session, store, place, query, standing, changed } = props
  const [asked, setAsked] = useState<{ action: Action; query: Readonly<Record<string, string>> }>()
  const [isReplaying, setReplaying] = useState(false)
  if (!session.viewer.mayChange) return null
  const { state } = place
  const isEmpty = state !== '' && standing?.counts[state] === 0
  const canDiscard = state !== '' && state !== 'active'
  const replayable = store.sources.filter(({ can }) => can.replay)
  const all = isFiltered(place)
    ? 'all that match'
    : `all${standing && state ? ` ${count(standing.counts[state])}` : ''}`
  if (state === '' || isEmpty) return null
  return (
    <div class="bulk">
      {state === 'dead' && (
        <button type="button" class="primary" onClick={() => setAsked({ action: 'redrive', query })}>
          Redrive {all}…
        </button>
      )}
      {canDiscard && (
        <button type="button" onClick={() => setAsked({ action: 'discard', query })}>
          Discard {all}…
        </button>
      )}
      {state === 'handled' && replayable.length > 0 && (
        <button type="button" class="primary" onClick={() => setReplaying(true)}>
          Replay…
        </button>
      )}
      {asked && (
        <ChangeDialog
          {...asked}
          store={store.id}
          noun={state === 'dead' ? 'dead letter' : `${state} event`}
          state={asked.query.state}
          close={() => setAsked(undefined)}
          changed={changed}
        />
      )}
      {isReplaying && <ReplayDialog {...props} sources={replayable} close={() => setReplaying(false)} />}
    </div>
  )
}
