import { InvalidDataError } from '../contracts/errors.ts'
import type { FetchableEvent, JsonObject, WebhookEvent } from '../contracts/event.ts'
import type { EventRecord } from '../contracts/inbox/event-record.ts'
import type { Provider } from '../contracts/provider/provider.ts'
import { describeIssue } from '../contracts/provider/standard-schema.ts'
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
      throw new InvalidDataError(
        `data of ${type} does not fit its schema: ${result.issues.map(describeIssue).join('; ')}`,
      )
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
