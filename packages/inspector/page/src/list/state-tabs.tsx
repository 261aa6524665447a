import { type EventState, type Standing, states } from '../answers/types.ts'
import { count } from '../times.ts'

interface StateTabsProps {
  readonly standing: Standing | undefined
  readonly state: EventState | ''
  choose(state: EventState | ''): void
}

/** What each state means, for who sees it for the first time. */
const meanings: Readonly<Record<EventState, string>> = {
  dead: 'failed for good, kept until it is redriven or discarded',
  pending: 'due, waiting to be handled',
  scheduled: 'waiting for the time of its retry',
  active: 'being handled',
  parked: 'waiting for a process that has a handler for its type',
  handled: 'done, kept so that it can be replayed',
}

/** How many events are in each state, and a choice of one. */
export function StateTabs({ standing, state: chosen, choose }: StateTabsProps) {
  const counts = standing?.counts
  const all = counts && states.reduce((sum, state) => sum + counts[state], 0)
  return (
    <nav class="states" aria-label="States">
      <button type="button" aria-pressed={chosen === ''} onClick={() => choose('')}>
        <span>all</span> <strong>{all === undefined ? '…' : count(all)}</strong>
      </button>
      {states.map((state) => (
        <button
          key={state}
          type="button"
          class={`state ${state} ${counts && counts[state] > 0 ? 'some' : 'none'}`}
          aria-pressed={chosen === state}
          title={meanings[state]}
          onClick={() => choose(state)}
        >
          <span>{state}</span> <strong>{counts ? count(counts[state]) : '…'}</strong>
        </button>
      ))}
    </nav>
  )
}
