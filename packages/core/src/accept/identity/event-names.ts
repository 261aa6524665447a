import { sha256Hex } from '../../bytes/sha256.ts'
import type { EventRecord } from '../../contracts/inbox/event-record.ts'
import type { Provider } from '../../contracts/provider/provider.ts'
import { type Awaitable, allHere, whenHere } from '../../time/awaitable.ts'

const safeId = /^(?!sha256:|unreadable:)[A-Za-z0-9._:-]{1,200}$/
const harmlessSubject = /^[A-Za-z0-9._:-]{1,100}$/
const safeTenant = /^[A-Za-z0-9._-]{1,100}$/
const encoder = new TextEncoder()

/**
 * The key under which an event is remembered: `source:id`, or `source@tenant:id`. Ids and tenants are written as they are where any store
 * can hold them. Others are written as `~` and their SHA-256. No two events with a different source, tenant or id share a key. Sources
 * and harmless tenants have no colon. The tilde is not a harmless character, so no id can be written to look like the digest of another,
 * or like what stands in for the id of an event that has none.
 */
export function eventKey(source: string, tenant: string | undefined, id: string): Awaitable<string> {
  if (tenant === undefined && safeId.test(id)) return `${source}:${id}`
  return whenHere(ownerOf(source, tenant), (owner) =>
    whenHere(safe(id, safeId), (name) => `${owner}:${name}`),
  )
}

/** The key of an event that has no id: of what stands in for it, `sha256:` or `unreadable:` and a digest. */
export function standInKey(
  source: string,
  tenant: string | undefined,
  standIn: `${'sha256' | 'unreadable'}:${string}`,
): Awaitable<string> {
  return whenHere(ownerOf(source, tenant), (owner) => `${owner}:${standIn}`)
}

/**
 * The alias of what ends a subject so: `~end:`, the end and the subject, behind the owner as in a key. No id is written so: one that is not
 * harmless stands as the tilde and its digest in hex.
 */
export function endingAlias(
  source: string,
  tenant: string | undefined,
  end: string,
  subject: string,
): Awaitable<string> {
  if (tenant === undefined && harmlessSubject.test(subject)) return `${source}:~end:${end}:${subject}`
  return whenHere(ownerOf(source, tenant), (owner) =>
    whenHere(safe(subject, harmlessSubject), (name) => `${owner}:~end:${end}:${name}`),
  )
}

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

function ownerOf(source: string, tenant: string | undefined): Awaitable<string> {
  return tenant === undefined ? source : whenHere(safe(tenant, safeTenant), (name) => `${source}@${name}`)
}

function safe(text: string, harmless: RegExp): Awaitable<string> {
  return harmless.test(text) ? text : digestOf(text)
}

/** Of the text as a JSON string: UTF-8 alone would make every lone surrogate the same. */
async function digestOf(text: string): Promise<string> {
  return `~${await sha256Hex(encoder.encode(JSON.stringify(text)))}`
}
