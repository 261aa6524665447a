import type { EventRecord } from '../../contracts/inbox/event-record.ts'
import type { Provider } from '../../contracts/provider/provider.ts'
import { type Awaitable, allHere } from '../../time/awaitable.ts'
import { endingAlias } from './event-key.ts'

/**
 * Under which names an event is known beside its key: those of the ends that it tells of. Undefined where it ends nothing, which costs
 * nothing. What is no text is nobody's name: it is not needed to identify the event, and no reason to refuse it.
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
