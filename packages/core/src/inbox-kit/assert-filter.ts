import { ConfigurationError } from '../contracts/errors.ts'
import { eventStates, type ListFilter } from '../contracts/inbox/inbox.ts'
import { assertOptions } from '../options/option-table.ts'

interface Wanted {
  readonly wanted: string
  fits(value: unknown): boolean
}

const text: Wanted = { wanted: 'a string', fits: (value) => typeof value === 'string' }
const time: Wanted = {
  wanted: 'a time in milliseconds since 1970',
  fits: (value) => typeof value === 'number' && !Number.isNaN(value),
}

const fields: Readonly<Record<keyof ListFilter, Wanted>> = {
  source: text,
  tenant: text,
  type: text,
  idIncludes: text,
  state: {
    wanted: `one of ${eventStates.join(', ')}`,
    fits: (value) => eventStates.some((state) => state === value),
  },
  receivedFrom: time,
  receivedBefore: time,
  newestFirst: { wanted: 'true or false', fits: (value) => typeof value === 'boolean' },
  limit: {
    wanted: 'a whole number of 1 or more',
    fits: (value) => Number.isSafeInteger(value) && (value as number) >= 1,
  },
  cursor: text,
}

/**
 * Checks what `list` was given. A misspelt filter would match all events, and somebody may discard what is listed.
 *
 * @param isCursor whether a text may be a cursor of this inbox.
 * @throws {ConfigurationError} for an unknown field, or a value that can't be.
 */
export function assertListFilter(filter: ListFilter, isCursor: (cursor: string) => boolean): void {
  assertFields(filter, fields, 'list')
  if (filter.cursor === undefined || isCursor(filter.cursor)) return
  throw new ConfigurationError(
    `list: cursor is ${JSON.stringify(filter.cursor)}; it must be one that this inbox has answered`,
  )
}

/** The same of what `counts` was given. */
export function assertCountsFilter(filter: Pick<ListFilter, 'source' | 'tenant'>): void {
  assertFields(filter, { source: text, tenant: text }, 'counts')
}

function assertFields(filter: object, known: Readonly<Record<string, Wanted>>, call: string): void {
  assertOptions(filter, known, call)
  for (const [name, value] of Object.entries(filter)) {
    const { fits, wanted } = known[name] as Wanted
    if (value === undefined || fits(value)) continue
    const found = typeof value === 'string' ? JSON.stringify(value) : String(value)
    throw new ConfigurationError(`${call}: ${name} is ${found}; it must be ${wanted}`)
  }
}
