import { aliasesOf } from '../../accept/identity/event-names.ts'
import type { PlaceInOrder } from '../../accept/identity/placed-event.ts'
import { type EventReading, readEvents } from '../../accept/identity/read-event.ts'
import { rememberMs } from '../../accept/take-on/check-freshness.ts'
import { type HoldingTools, holdUnread } from '../../accept/take-on/hold-unread.ts'
import { ConfigurationError, isRefusal } from '../../contracts/errors.ts'
import type { EventRecord } from '../../contracts/inbox/event-record.ts'
import type { Inbox } from '../../contracts/inbox/inbox.ts'
import type { Provider } from '../../contracts/provider/provider.ts'
import type { ListedThing } from '../../contracts/reconcile/source.ts'
import { redactedError } from '../../redact/redacted-error.ts'
import { isLate } from '../../time/awaitable.ts'
import type { Questions } from '../ask/asking.ts'
import { createdEvent } from './created-event.ts'
import { isAnyKnown } from './is-any-known.ts'

/** `missing`: it was not known, and is taken on now. `in_progress`: a delivery of it is being handled right now. */
export type Taken = 'known' | 'missing' | 'in_progress'

export interface TakingTools extends HoldingTools {
  /** Name of the receiver. */
  readonly name: string
  readonly provider: Provider
  readonly dedupeWindow: number
  readonly inbox: Pick<Inbox, 'knows'>
  readonly questions: Questions
  readonly placeInOrder?: PlaceInOrder | undefined
}

/**
 * Takes on the event of a thing's end as if it had just been delivered, from `identify` on. Where it was delivered, nothing changes.
 *
 * @throws where the event can't be created or read, or the inbox does not take it.
 */
export async function takeListed(thing: ListedThing, over: AbortSignal, tools: TakingTools): Promise<Taken> {
  assertTenant(thing)
  if (await isEndKnown(thing, tools)) return 'known'
  const readings = await readThing(thing, over, tools)
  let taken: Taken = 'known'
  for (const reading of readings) {
    const { event } = reading
    const options = { rememberMs: rememberMs(event.createdAt, event.receivedAt, tools.dedupeWindow) }
    try {
      const { outcome } =
        'refusal' in reading ? await holdUnread(reading, options, tools) : await tools.put(event, options)
      if (outcome !== 'accepted') continue
      taken = 'missing'
      const { source, tenant, id, type, key } = event
      const { deliveryFailed } = thing
      tools.observe('reconciled', () => ({
        ...{ provider: tools.provider.name, source, tenant, id, type, key, subject: thing.subject },
        deliveryFailed,
      }))
    } catch (error) {
      if (isRefusal(error) && error.code === 'in_progress') return 'in_progress'
      throw error
    }
  }
  return taken
}

/**
 * A tenant of another type, such as null or a promise, would be a tenant of its own, and what was delivered be taken on again for it.
 *
 * @throws {ConfigurationError} unless it is a string that is not empty, or undefined.
 */
export function assertTenant({ tenant, subject }: ListedThing): void {
  if (tenant === undefined || (typeof tenant === 'string' && tenant !== '')) return
  const found =
    tenant === '' ? 'empty' : tenant === null ? 'null' : isLate(tenant) ? 'a promise' : typeof tenant
  throw new ConfigurationError(
    `the tenant of ${subject} is ${found}; the source must name it as a string that is not empty, or as undefined where there is none`,
  )
}

/** Whether its end is known by its alias. False where that can't be said before its event is created. */
async function isEndKnown({ type, subject, tenant }: ListedThing, tools: TakingTools): Promise<boolean> {
  const { inbox, provider, name } = tools
  if (type === undefined || inbox.knows === undefined) return false
  const aliases = await aliasesOf(provider.endings, { source: name, tenant }, type, subject)
  return aliases !== undefined && (await isAnyKnown(aliases, tools))
}

/**
 * Whether an event of a thing's end is known. Changes nothing.
 *
 * @throws {ConfigurationError} where the inbox can't be asked.
 */
export async function isKnown(thing: ListedThing, over: AbortSignal, tools: TakingTools): Promise<boolean> {
  if (tools.inbox.knows === undefined)
    throw new ConfigurationError(
      'a dry run asks the inbox which events it knows, but this inbox has no method knows',
    )
  assertTenant(thing)
  if (await isEndKnown(thing, tools)) return true
  const readings = await readThing(thing, over, tools)
  const names = readings.flatMap(({ event: { key, aliases = [] } }) => [key, ...aliases])
  return isAnyKnown(names, tools)
}

/** The events of a thing's end. */
async function readThing(
  thing: ListedThing,
  over: AbortSignal,
  { name, provider, clock, questions, placeInOrder, redact }: TakingTools,
): Promise<readonly EventReading[]> {
  const rawBody = writeJson(await createdEvent(thing, questions, over, clock))
  const origin = { source: name, tenant: thing.tenant, origin: 'reconciled' } as const
  const body = { rawBody, identity: rawBody }
  const readings = await readEvents(provider, origin, body, noRequest, clock.now(), placeInOrder)
  for (const reading of readings)
    if ('refusal' in reading) {
      if (reading.isOfOurs) return readings // it waits as a delivery would, until the application gives it a place
      throw redactedError(reading.refusal, reading.event, redact)
    }
  const told = readings.map(({ event }) => event.type)
  if (thing.type !== undefined && !told.includes(thing.type))
    throw new Error(
      `it is listed as ended by ${thing.type}, but the answer about it is of ${told.join(', ') || 'no type'}`,
    )
  for (const { event } of readings) await assertIsAbout(thing, event, provider)
  return readings
}

/** @throws where an event tells of the end of another thing: that would be believed, and this one be taken for settled. */
async function assertIsAbout(thing: ListedThing, event: EventRecord, { endings }: Provider): Promise<void> {
  const aliases = await aliasesOf(endings, event, event.type, thing.subject)
  if (event.aliases === undefined || aliases === undefined) return
  if (aliases.some((alias) => event.aliases?.includes(alias))) return
  throw new Error(`it is listed as ${thing.subject}, but the answer about it is of another thing`)
}

const noRequest = {
  method: 'POST',
  url: '',
  headers: { get: () => undefined },
  readBody: () => new Uint8Array(),
}

/** The JSON of a body, with `NaN` and infinities as Python writes them. `JSON.stringify` would write null, which would change the meaning of an infeasible run. */
function writeJson(body: object): Uint8Array<ArrayBuffer> {
  const mark = crypto.randomUUID()
  const text = JSON.stringify(body, (_, value: unknown) =>
    typeof value === 'number' && !Number.isFinite(value) ? `${mark}${value}` : value,
  )
  return new TextEncoder().encode(text.replace(new RegExp(`"${mark}(-?Infinity|NaN)"`, 'g'), '$1'))
}
