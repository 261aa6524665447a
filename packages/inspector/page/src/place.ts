import type { EventState } from './answers/types.ts'
import { states } from './answers/types.ts'

/** What is looked at. It stands in the address, so that it can be sent to a colleague, and Back leads back. */
export interface Place {
  readonly store: string
  readonly state: EventState | ''
  readonly type: string
  readonly source: string
  readonly tenant: string
  readonly id: string
  /** How long ago at most, `1h`; empty for any time; `custom` for `from` and `before`. */
  readonly since: string
  readonly from: string
  readonly before: string
  /** The key of one event. Empty: the list. */
  readonly event: string
}

const nowhere: Place = {
  store: '0',
  state: '',
  type: '',
  source: '',
  tenant: '',
  id: '',
  since: '',
  from: '',
  before: '',
  event: '',
}

export const spans: Readonly<Record<string, { readonly label: string; readonly ms: number }>> = {
  '15m': { label: 'last 15 minutes', ms: 900_000 },
  '1h': { label: 'last hour', ms: 3_600_000 },
  '24h': { label: 'last 24 hours', ms: 86_400_000 },
  '7d': { label: 'last 7 days', ms: 604_800_000 },
}

export function readPlace(hash: string): Place {
  const values = new URLSearchParams(hash.replace(/^#/, ''))
  const given = Object.fromEntries([...values].filter(([name]) => Object.hasOwn(nowhere, name)))
  const place = { ...nowhere, ...given } as Place
  return place.state === '' || states.includes(place.state) ? place : { ...place, state: '' }
}

export function writePlace(place: Place): string {
  const values = Object.entries(place).filter(([name, value]) => value !== nowhere[name as keyof Place])
  return values.length === 0 ? '#all' : `#${new URLSearchParams(values)}`
}

/** The query that the filters make. */
export function queryOf(place: Place, now: number): Record<string, string> {
  const { store, state, type, source, tenant, id, since } = place
  return { store, state, type, source, tenant, id, ...timesOf(place, since, now) }
}

function timesOf({ from, before }: Place, since: string, now: number): Record<string, string> {
  const span = spans[since]
  if (span) return { from: String(now - span.ms) }
  if (since !== 'custom') return {}
  const instants = { from: Date.parse(from), before: Date.parse(before) }
  return Object.fromEntries(
    Object.entries(instants)
      .filter(([, at]) => !Number.isNaN(at))
      .map(([name, at]) => [name, String(Math.max(0, at))]),
  )
}

/** Whether anything but a state is asked for. */
export function isFiltered({ type, source, tenant, id, since }: Place): boolean {
  return [type, source, tenant, id, since].some((value) => value !== '')
}
