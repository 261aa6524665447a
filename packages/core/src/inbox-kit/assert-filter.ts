import { ConfigurationError } from '../contracts/errors.ts'
import { foundValue } from '../contracts/found-value.ts'
import { type EventState, eventStates, type ListFilter } from '../contracts/inbox/inbox.ts'
import {
  assertFitting,
  assertOptions,
  oneOf,
  orLeftOut,
  text,
  type Wanted,
  wholeNumber,
  yesOrNo,
} from '../options/option-table.ts'

const time: Wanted = {
  wanted: 'a time in milliseconds since 1970',
  fits: (value) => typeof value === 'number' && !Number.isNaN(value),
}

const countsFields = orLeftOut({ source: text, tenant: text })

const listFields: Readonly<Record<keyof ListFilter, Wanted>> = orLeftOut({
  source: text,
  tenant: text,
  type: text,
  idIncludes: text,
  state: oneOf(...(eventStates as [EventState, ...EventState[]])),
  receivedFrom: time,
  receivedBefore: time,
  newestFirst: yesOrNo(false),
  limit: wholeNumber(50),
  cursor: text,
})

/**
 * Checks what `list` was given. A misspelt filter would match all events, and somebody may discard what is listed.
 *
 * @param isCursor whether a text may be a cursor of this inbox.
 * @throws {ConfigurationError} for an unknown field, or a value that can't be.
 */
export function assertListFilter(filter: ListFilter, isCursor: (cursor: string) => boolean): void {
  assertOptions(filter, listFields, 'list')
  assertFitting(listFields, filter, 'list: ')
  if (filter.cursor === undefined || isCursor(filter.cursor)) return
  throw new ConfigurationError(
    `list: cursor is ${foundValue(filter.cursor)}; it must be one that this inbox has answered`,
  )
}

/** The same of what `counts` was given. */
export function assertCountsFilter(filter: Pick<ListFilter, 'source' | 'tenant'>): void {
  assertOptions(filter, countsFields, 'counts')
  assertFitting(countsFields, filter, 'counts: ')
}
