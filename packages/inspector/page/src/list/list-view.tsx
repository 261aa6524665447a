import { useEffect } from 'preact/hooks'
import type { LastHour, Page, Row, Standing } from '../answers/types.ts'
import { useAnswer } from '../answers/use-answer.ts'
import { queryOf } from '../place.ts'
import type { Paging, Shared } from '../shared.ts'
import { ago, instantOf } from '../times.ts'
import { BulkActions } from './bulk-actions.tsx'
import { EventTable } from './event-table.tsx'
import { Filters } from './filters.tsx'
import { HourChart } from './hour-chart.tsx'
import { Receivers } from './receivers.tsx'
import { StateTabs } from './state-tabs.tsx'

/** A relative time filter moves on by this much at a time, so that pages of one listing belong together. */
const stepMs = 15_000

interface ListViewProps extends Shared {
  readonly standing: Standing | undefined
  readonly paging: Paging
  readonly turn: (to: Paging) => void
  /** The event that was looked at last. */
  readonly seen: { current: string }
}

export function ListView({ standing: ofAll, paging, turn, seen, ...shared }: ListViewProps) {
  const { place, go, now, version, store } = shared
  const query = queryOf(place, Math.floor(now / stepMs) * stepMs)
  const owner = { store: place.store, source: place.source, tenant: place.tenant }
  const isOwned = place.source !== '' || place.tenant !== ''
  const { answer: ofOwner } = useAnswer<Standing>('standing', isOwned ? owner : undefined, version)
  const standing = isOwned ? ofOwner : ofAll
  const { answer: hour } = useAnswer<LastHour>('chart', owner, `${version}/${Math.floor(now / stepMs)}`)
  const { from: _from, before: _before, ...still } = query
  const filter = JSON.stringify([still, place.since, place.from, place.before])
  const cursors = paging.filter === filter ? paging.cursors : []
  const cursor = cursors.at(-1) ?? ''
  useEffect(() => {
    if (paging.filter !== filter) turn({ filter, cursors: [] })
  }, [filter])
  const events = useAnswer<Page<Row>>('events', { ...query, cursor }, version)
  const { answer } = events
  return (
    <>
      <h1 class="hidden">Events</h1>
      <StateTabs standing={standing} state={place.state} choose={(state) => go({ state })} />
      <section class="summary" aria-label="At a glance">
        <Oldest standing={standing} now={now} />
        <HourChart hour={hour} />
      </section>
      <Receivers {...shared} />
      <Filters place={place} go={go} store={store} rows={answer?.items ?? []} />
      <BulkActions {...shared} query={query} standing={standing} />
      <EventTable {...shared} events={events} isFirst={cursors.length === 0} seen={seen} />
      <nav class="pager" aria-label="Pages">
        <button
          type="button"
          disabled={cursors.length === 0}
          onClick={() => turn({ filter, cursors: cursors.slice(0, -1) })}
        >
          ← Newer
        </button>
        <button
          type="button"
          disabled={answer?.cursor === undefined}
          onClick={() => events.isOfBefore || turn({ filter, cursors: [...cursors, answer?.cursor ?? ''] })}
        >
          Older →
        </button>
      </nav>
    </>
  )
}

function Oldest({ standing, now }: { standing: Standing | undefined; now: number }) {
  const at = standing?.oldestPendingAt ?? null
  return (
    <div class="oldest">
      <span class="label">Oldest pending</span>
      {at === null ? (
        <strong>{standing ? (standing.counts.pending > 0 ? 'not found yet' : 'none') : '…'}</strong>
      ) : (
        <strong>
          <time dateTime={new Date(at).toISOString()} title={instantOf(at)}>
            {ago(at, now)}
          </time>
        </strong>
      )}
    </div>
  )
}
