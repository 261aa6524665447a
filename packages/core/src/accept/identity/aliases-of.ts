import type { EventRecord } from '../../contracts/inbox/event-record.ts'
import type { Provider } from '../../contracts/provider/provider.ts'
import { type Awaitable, allHere } from '../../time/awaitable.ts'
import { endingAlias } from './event-key.ts'

/**
 * The names by which an event is known beside its key: one for each end that it tells of. Undefined where it ends nothing. A subject that
 * is not a string has no name. It is not needed to identify the event, so the event is not refused for it.
 */
export function aliasesOf(
  endings: Provider['endings'],
  { source, tenant }: Pick<EventRecord, 'source' | 'tenant'>,
  type: string,
  subject: unknown,
): Awaitable<readonly string[]> | undefined {
  if (typeof subject !== 'string' || subject === '') return undefined
  const ends = endings.get(type)
  return ends && allHere(ends.map((end) => endingAlias(source, tenant, end, subject)))
}

/** The names of every end that a subject may come to. */
export function aliasesOfSubject(
  endings: Provider['endings'],
  { source, tenant }: Pick<EventRecord, 'source' | 'tenant'>,
  subject: string,
): Awaitable<readonly string[]> {
  const ends = new Set([...endings.values()].flat())
  return allHere([...ends].map((end) => endingAlias(source, tenant, end, subject)))
}
