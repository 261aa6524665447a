import { useCallback, useEffect, useRef, useState } from 'preact/hooks'
import { openSession } from './answers/server.ts'
import type { Session } from './answers/types.ts'
import { type LiveState, useLive } from './answers/use-live.ts'
import { EventView } from './event/event-view.tsx'
import { ListView } from './list/list-view.tsx'
import { type Place, readPlace, writePlace } from './place.ts'
import type { Paging } from './shared.ts'
import { count } from './times.ts'

const liveWords: Readonly<Record<LiveState, string>> = {
  live: 'live',
  connecting: 'connecting…',
  trouble: 'the inbox does not answer',
}

const tickMs = 5_000

export function App() {
  const [session, setSession] = useState<Session>()
  const [error, setError] = useState('')
  useEffect(() => {
    openSession().then(setSession, (failure: Error) => setError(failure.message))
  }, [])
  if (error) return <Message text={error} />
  return session ? <Inspector session={session} /> : <Message text="Loading…" />
}

function Message({ text }: { text: string }) {
  return (
    <main class="message">
      <h1>hookport inspector</h1>
      <p role="status">{text}</p>
    </main>
  )
}

function Inspector({ session }: { session: Session }) {
  const [place, go] = usePlace()
  const now = useNow()
  const live = useLive()
  const [said, say] = useState('')
  const [changes, setChanges] = useState(0)
  const [paging, turn] = useState<Paging>({ filter: '', cursors: [] })
  const seen = useRef('')
  if (place.event !== '') seen.current = place.event
  const changed = useCallback((what: string) => {
    say(what)
    setChanges((before) => before + 1)
  }, [])
  const store = session.stores.find(({ id }) => id === place.store) ?? session.stores[0]
  const isKnown = store !== undefined && Object.hasOwn(live.standings, store.id)
  const liveState = live.state === 'live' && !isKnown ? 'trouble' : live.state // others may answer
  const dead = live.standings[store?.id ?? '']?.counts.dead ?? 0
  useEffect(() => {
    document.title = dead > 0 ? `(${count(dead)}) hookport inspector` : 'hookport inspector'
  }, [dead])
  if (!store) return <Message text="There is no inbox." />
  const shared = { session, store, place, go, now, changed, version: `${live.asked}/${changes}` }
  return (
    <>
      <header class="top">
        <a class="brand" href={writePlace(readPlace(''))}>
          hookport <span>inspector</span>
        </a>
        {session.stores.length > 1 && (
          <label class="store">
            <span class="hidden">Inbox</span>
            <select
              value={store.id}
              onChange={(event) => go({ store: event.currentTarget.value, event: '' })}
            >
              {session.stores.map(({ id, title }) => (
                <option key={id} value={id}>
                  {title}
                </option>
              ))}
            </select>
          </label>
        )}
        {session.stores.length === 1 && <span class="quiet">{store.title} inbox</span>}
        {!store.durable && <span class="quiet">lost when its process ends</span>}
        {!session.viewer.mayChange && <span class="quiet">read only</span>}
        <span class={`live ${liveState}`} role="status">
          {liveWords[liveState]}
        </span>
      </header>
      <main>
        {place.event === '' ? (
          <ListView
            {...shared}
            key={store.id}
            standing={live.standings[store.id]}
            paging={paging}
            turn={turn}
            seen={seen}
          />
        ) : (
          <EventView {...shared} key={`${store.id} ${place.event}`} />
        )}
      </main>
      <div class="said" role="status" aria-live="polite">
        {said}
      </div>
    </>
  )
}

function usePlace(): [Place, (to: Partial<Place>) => void] {
  const [place, setPlace] = useState(() => readPlace(location.hash))
  useEffect(() => {
    const read = () => setPlace(readPlace(location.hash))
    addEventListener('hashchange', read)
    addEventListener('popstate', read)
    return () => {
      removeEventListener('hashchange', read)
      removeEventListener('popstate', read)
    }
  }, [])
  const go = useCallback((to: Partial<Place>) => {
    const next = { ...readPlace(location.hash), ...to }
    history.pushState(null, '', writePlace(next))
    setPlace(next)
  }, [])
  return [place, go]
}

function useNow(): number {
  const [now, setNow] = useState(Date.now())
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), tickMs)
    return () => clearInterval(timer)
  }, [])
  return now
}
