import type { Clock } from '../contracts/clock.ts'
import { ConfigurationError, InvalidDataError } from '../contracts/errors.ts'
import type { FetchableEvent, JsonObject, WebhookEvent } from '../contracts/event.ts'
import type { EventRecord } from '../contracts/inbox/event-record.ts'
import type { LeaseSignal } from '../contracts/inbox/handling.ts'
import type { Provider } from '../contracts/provider/provider.ts'
import { describeIssues } from '../contracts/provider/standard-schema.ts'
import { type Awaitable, whenHere } from '../time/awaitable.ts'

const noAliases: readonly string[] = []

/**
 * The event of a record, with its data checked.
 *
 * @param fetchThing what its `fetch` does.
 * @throws {InvalidDataError} if the data of a known type does not fit its schema; the message lists the reasons.
 */
export function openEvent(
  provider: Provider,
  record: EventRecord,
  payload: JsonObject,
  fetchThing: (event: FetchableEvent) => Promise<unknown>,
): Awaitable<WebhookEvent> {
  const { id, key, aliases = noAliases, tenant, origin, type, createdAt, rawBody } = record
  const data = provider.readData(payload)
  return whenHere(provider.events.get(type)?.['~standard'].validate(data), (result) => {
    if (result?.issues !== undefined) {
      throw new InvalidDataError(`data of ${type} does not fit its schema: ${describeIssues(result.issues)}`)
    }
    const event: WebhookEvent = {
      id,
      key,
      aliases,
      tenant,
      origin,
      type,
      createdAt: new Date(createdAt),
      data: result === undefined ? data : result.value,
      payload,
      rawBody: copied(rawBody), // a handler may write into it, and the inbox still needs it
      fetch: () => fetchThing(event),
    }
    return event
  })
}

/** The same bytes in memory of their own; a `Buffer` where the platform has it. Exported for tests. */
export const copied: (bytes: Uint8Array) => Uint8Array<ArrayBuffer> =
  typeof Buffer === 'function' ? (bytes) => Buffer.from(bytes) : (bytes) => new Uint8Array(bytes)

interface FetchTools {
  readonly clock: Required<Clock>
  /** The fetch is given up after this many milliseconds. */
  readonly handlerTimeout: number
}

/** The `fetch` of an event in one turn. All callers get the same answer. After a failure the next caller fetches again. */
export function fetchOnce(
  provider: Pick<Provider, 'name' | 'fetch'>,
  leaseSignal: LeaseSignal | undefined,
  tools: FetchTools,
): (event: FetchableEvent) => Promise<unknown> {
  let answer: Promise<unknown> | undefined
  return (event) => {
    answer ??= fetchFrom(provider, event, leaseSignal, tools).catch((error) => {
      answer = undefined
      throw error
    })
    return answer
  }
}

async function fetchFrom(
  { name, fetch }: Pick<Provider, 'name' | 'fetch'>,
  event: FetchableEvent,
  leaseSignal: LeaseSignal | undefined,
  { clock, handlerTimeout }: FetchTools,
): Promise<unknown> {
  if (fetch === undefined)
    throw new ConfigurationError(
      `event.fetch(): the definition of ${name} does not say how to fetch what an event is about; give it a function fetch`,
    )
  const aborting = new AbortController()
  const giveUp = () => aborting.abort()
  const cancelTimer = clock.after(handlerTimeout, giveUp, { background: true })
  leaseSignal?.addEventListener('abort', giveUp)
  if (leaseSignal?.aborted) giveUp()
  try {
    return await fetch(event, { signal: aborting.signal })
  } finally {
    cancelTimer()
    leaseSignal?.removeEventListener('abort', giveUp)
  }
}
