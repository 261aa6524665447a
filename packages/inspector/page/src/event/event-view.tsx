import { useEffect, useRef, useState } from 'preact/hooks'
import { isGone } from '../answers/server.ts'
import type { FullEvent } from '../answers/types.ts'
import { useAnswer } from '../answers/use-answer.ts'
import { type Action, ChangeDialog } from '../dialogs/change-dialog.tsx'
import { ReplayDialog } from '../dialogs/replay-dialog.tsx'
import { writePlace } from '../place.ts'
import type { Shared } from '../shared.ts'
import { ago, count, instantOf } from '../times.ts'
import { visible } from '../visible.ts'
import { Ahead } from './ahead.tsx'
import { Attempts } from './attempts.tsx'
import { Failures } from './failures.tsx'
import { HandlerPauses } from './handler-pauses.tsx'
import { Payload } from './payload.tsx'

/** One event in full: why it failed first, then what it is. */
export function EventView(shared: Shared) {
  const { session, store, place, go, now, changed, version } = shared
  const query = { store: store.id, key: place.event }
  const { answer: event, error } = useAnswer<FullEvent>('event', query, version)
  const hasLeft = isGone(error) // what was seen of it before is still shown
  const [action, setAction] = useState<Action | 'replay'>()
  const replayable = store.sources.filter(({ name, can }) => can.replay && name === event?.source)
  const title = useRef<HTMLHeadingElement>(null)
  useEffect(() => title.current?.focus(), [])
  useEffect(() => {
    const leave = ({ key }: KeyboardEvent) => {
      if (key === 'Escape' && !document.querySelector('dialog[open]')) go({ event: '' })
    }
    addEventListener('keydown', leave)
    return () => removeEventListener('keydown', leave)
  }, [go])
  return (
    <article class="event">
      <p>
        <a href={writePlace({ ...place, event: '' })}>← All events</a>
      </p>
      <h1 ref={title} tabIndex={-1}>
        {event ? (
          <>
            {!hasLeft && <span class={`badge ${event.state}`}>{event.state}</span>} {visible(event.type)}{' '}
            <span class="id">{visible(event.id)}</span>
          </>
        ) : (
          <span class="id">{visible(place.event)}</span>
        )}
      </h1>
      {error && (
        <p class="error" role="alert">
          {error.message}
        </p>
      )}
      {event && (
        <>
          {session.viewer.mayChange && !hasLeft && (
            <div class="bulk">
              {event.state === 'dead' && (
                <button type="button" class="primary" onClick={() => setAction('redrive')}>
                  Redrive…
                </button>
              )}
              {event.state === 'handled' && replayable.length > 0 && (
                <button type="button" class="primary" onClick={() => setAction('replay')}>
                  Replay…
                </button>
              )}
              {event.state !== 'active' && (
                <button type="button" onClick={() => setAction('discard')}>
                  Discard…
                </button>
              )}
            </div>
          )}
          <Ahead event={event} place={place} now={now} />
          <Failures event={event} now={now} />
          <Attempts event={event} now={now} />
          <HandlerPauses {...shared} event={event} />
          <Facts event={event} now={now} />
          <Payload event={event} store={store.id} />
          <Headers event={event} />
        </>
      )}
      {action === 'replay' && event && (
        <ReplayDialog
          {...shared}
          query={momentOf(event)}
          sources={replayable}
          close={() => setAction(undefined)}
        />
      )}
      {action && action !== 'replay' && (
        <ChangeDialog
          action={action}
          store={store.id}
          noun={event?.state === 'dead' ? 'dead letter' : 'event'}
          state={event?.state}
          keys={[place.event]}
          close={() => setAction(undefined)}
          changed={changed}
        />
      )}
    </article>
  )
}

/** What finds one event, and others only if they are of its type and its millisecond: a replay takes no keys. */
function momentOf({ receivedAt, type, tenant }: FullEvent): Record<string, string> {
  return { from: String(receivedAt), before: String(receivedAt + 1), type, ...(tenant && { tenant }) }
}

function Facts({ event, now }: { event: FullEvent; now: number }) {
  const {
    key,
    source,
    tenant,
    origin,
    createdAt,
    receivedAt,
    attempt,
    dueAt,
    aliases,
    orderKey,
    trace,
    receipts,
    body,
  } = event
  const time = (at: number) => `${instantOf(at)}, ${ago(at, now)}`
  const facts: ReadonlyArray<readonly [string, string | undefined]> = [
    ['Key', key],
    ['Source', source],
    ['Tenant', tenant],
    ['Happened', time(createdAt)],
    ['Received', time(receivedAt)],
    ['Attempt', String(attempt)],
    ['Next attempt', dueAt === null ? undefined : time(dueAt)],
    [
      'Origin',
      origin === 'delivery' ? undefined : 'reconciled: it was missing, and fetched from the provider',
    ],
    ['Also known as', aliases?.join(', ')],
    ['In order with', orderKey],
    ['Receipts', receiptWords(receipts)],
    ['Trace', trace?.traceparent],
    ['Body', `${count(body.bytes)} bytes`],
  ]
  return (
    <section>
      <h2>Event</h2>
      <dl class="facts">
        {facts.map(([name, value]) =>
          value === undefined ? null : (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{visible(value)}</dd>
            </div>
          ),
        )}
      </dl>
    </section>
  )
}

/** Of effects that take place once. */
function receiptWords(receipts: FullEvent['receipts']): string | undefined {
  if (receipts === undefined) return undefined
  if (receipts === null) return 'could not be read: the log of the application says why'
  return receipts.length === 0 ? 'none: no effect has taken place' : `${receipts.join(', ')}: took place`
}

function Headers({ event: { request } }: { event: FullEvent }) {
  if (!request) return null
  return (
    <section>
      <h2>Request</h2>
      <dl class="facts">
        {Object.entries({ URL: request.url, ...request.headers }).map(([name, value]) => (
          <div key={name}>
            <dt>{visible(name)}</dt>
            <dd>{visible(value)}</dd>
          </div>
        ))}
      </dl>
    </section>
  )
}
