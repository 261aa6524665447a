import { useEffect, useState } from 'preact/hooks'
import type { Row, StoreInfo } from '../answers/types.ts'
import { isFiltered, type Place, spans } from '../place.ts'

interface FiltersProps {
  readonly place: Place
  readonly go: (to: Partial<Place>) => void
  readonly store: StoreInfo
  readonly rows: readonly Row[]
}

type TextName = 'id' | 'type' | 'source' | 'tenant'

const typingMs = 350

const none: Partial<Place> = { id: '', type: '', source: '', tenant: '', since: '', from: '', before: '' }

export function Filters({ place, go, store, rows }: FiltersProps) {
  const types = distinct([
    ...store.sources.flatMap((source) => source.types),
    ...rows.map(({ type }) => type),
  ])
  const sources = distinct([...store.sources.map(({ name }) => name), ...rows.map(({ source }) => source)])
  const tenants = distinct(rows.flatMap(({ tenant }) => tenant ?? []))
  const text = (name: TextName, label: string, known: readonly string[] = []) => (
    <TextFilter
      name={name}
      label={label}
      value={place[name]}
      known={known}
      set={(value) => go({ [name]: value })}
    />
  )
  return (
    <form class="filters" aria-label="Filters" onSubmit={(event) => event.preventDefault()}>
      {text('id', 'Text in id')}
      {text('type', 'Type', types)}
      {text('source', 'Source', sources)}
      {text('tenant', 'Tenant', tenants)}
      <label>
        Received
        <select value={place.since} onChange={(event) => go({ since: event.currentTarget.value })}>
          <option value="">at any time</option>
          {Object.entries(spans).map(([name, { label }]) => (
            <option key={name} value={name}>
              {label}
            </option>
          ))}
          <option value="custom">between…</option>
        </select>
      </label>
      {place.since === 'custom' &&
        (['from', 'before'] as const).map((name) => (
          <label key={name}>
            {name === 'from' ? 'From' : 'Before'}
            <input
              type="datetime-local"
              value={place[name]}
              onChange={(event) => go({ [name]: event.currentTarget.value })}
            />
          </label>
        ))}
      {isFiltered(place) && (
        <button type="button" class="plain" onClick={() => go(none)}>
          Clear filters
        </button>
      )}
    </form>
  )
}

interface TextFilterProps {
  readonly name: TextName
  readonly label: string
  readonly value: string
  readonly known: readonly string[]
  set(value: string): void
}

/** Asked for once the typing has come to rest. */
function TextFilter({ name, label, value, known, set }: TextFilterProps) {
  const [typed, setTyped] = useState(value)
  useEffect(() => setTyped(value), [value])
  useEffect(() => {
    if (typed === value) return
    const timer = setTimeout(() => set(typed), typingMs)
    return () => clearTimeout(timer)
  }, [typed])
  return (
    <label>
      {label}
      <input
        type="search"
        value={typed}
        list={known.length > 0 ? `known-${name}` : undefined}
        autocomplete="off"
        spellcheck={false}
        onInput={(event) => setTyped(event.currentTarget.value)}
      />
      {known.length > 0 && (
        <datalist id={`known-${name}`}>
          {known.map((one) => (
            <option key={one} value={one} />
          ))}
        </datalist>
      )}
    </label>
  )
}

function distinct(values: readonly string[]): string[] {
  return [...new Set(values)].sort().slice(0, 200)
}
