import { useEffect, useRef } from 'preact/hooks'
import type { Page, Row } from '../answers/types.ts'
import type { Answered } from '../answers/use-answer.ts'
import { HandlerName } from '../handler-name.tsx'
import { isFiltered, writePlace } from '../place.ts'
import type { Shared } from '../shared.ts'
import { ago, instantOf } from '../times.ts'
import { visible } from '../visible.ts'

interface EventTableProps extends Pick<Shared, 'place' | 'now'> {
  readonly events: Answered<Page<Row>>
  readonly isFirst: boolean
  readonly seen: { current: string }
}

export function EventTable({ events, place, now, isFirst, seen }: EventTableProps) {
  const { answer, error, isLoading } = events
  useEffect(() => {
    if (answer) seen.current = ''
  }, [answer])
  const rows = answer?.items ?? []
  return (
    <>
      {error && (
        <p class="error" role="alert">
          {error.message}
        </p>
      )}
      {rows.length === 0 ? (
        <p class="empty" aria-busy={isLoading}>
          {emptyWords(
            isLoading && !answer,
            answer?.cursor !== undefined,
            isFiltered(place) || !isFirst,
            place.state,
          )}
        </p>
      ) : (
        <table class="events" aria-busy={isLoading}>
          <caption class="hidden">Events, the latest first</caption>
          <thead>
            <tr>
              <th scope="col">Received</th>
              <th scope="col">State</th>
              <th scope="col">Event</th>
              <th scope="col" class="wide">
                Source
              </th>
              <th scope="col" class="wide">
                Why
              </th>
            </tr>
          </thead>
          <tbody onKeyDown={moveFocus}>
            {rows.map((row) => (
              <EventRow
                key={row.key}
                row={row}
                now={now}
                href={writePlace({ ...place, event: row.key })}
                isSeen={row.key === seen.current}
              />
            ))}
          </tbody>
        </table>
      )}
    </>
  )
}

interface EventRowProps {
  readonly row: Row
  readonly now: number
  readonly href: string
  readonly isSeen: boolean
}

/** Who comes back from an event goes on where they were. */
function EventRow({ row, now, href, isSeen }: EventRowProps) {
  const link = useRef<HTMLAnchorElement>(null)
  useEffect(() => {
    if (isSeen && document.activeElement === document.body) link.current?.focus()
  }, [])
  const { id, type, source, tenant, state, attempt, receivedAt, dueAt, failure } = row
  return (
    <tr>
      <td>
        <time dateTime={new Date(receivedAt).toISOString()} title={instantOf(receivedAt)}>
          {ago(receivedAt, now)}
        </time>
      </td>
      <td>
        <span class={`badge ${state}`}>{state}</span>
        {attempt > 1 && <small>attempt {attempt}</small>}
        {dueAt !== null && <small>due {ago(dueAt, now)}</small>}
      </td>
      <td class="what">
        <a href={href} ref={link}>
          <span class="type">{short(type)}</span> <span class="id">{short(id)}</span>
        </a>
        <div class="narrow why">
          <Why failure={failure} />
        </div>
      </td>
      <td class="wide">
        {source}
        {tenant !== undefined && <small>{short(tenant)}</small>}
      </td>
      <td class="wide why">
        <Why failure={failure} />
      </td>
    </tr>
  )
}

function Why({ failure }: { failure: Row['failure'] | undefined }) {
  if (!failure) return null
  return (
    <>
      <HandlerName handler={failure.handler ?? failure.code} /> {short(failure.message)}
    </>
  )
}

/** Arrow keys go from event to event. */
function moveFocus(event: KeyboardEvent): void {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
  if (step === undefined) return
  const links = [...(event.currentTarget as HTMLElement).querySelectorAll<HTMLAnchorElement>('td.what a')]
  const next = links[links.indexOf(document.activeElement as HTMLAnchorElement) + step]
  if (!next) return
  event.preventDefault()
  next.focus()
}

function emptyWords(isFirstTime: boolean, hasMore: boolean, isFiltered: boolean, state: string): string {
  if (isFirstTime) return 'Loading…'
  if (hasMore) return 'None found yet. Choose Older to search further.'
  if (isFiltered) return 'No event matches.'
  if (state === 'dead') return 'No dead letters. Nothing has failed for good.'
  return state === '' ? 'No events are kept. All that arrived were handled.' : `No event is ${state}.`
}

function short(text: string): string {
  return visible(text.length > 160 ? `${text.slice(0, 159)}…` : text)
}
