import { InvalidDataError } from '../contracts/errors.ts'
import type { JsonObject, WebhookEvent } from '../contracts/event.ts'
import type { EventRecord } from '../contracts/inbox.ts'
import type { Provider } from '../contracts/provider.ts'
import { describeIssue, type StandardSchema } from '../contracts/standard-schema.ts'
import { type Awaitable, whenReady } from '../time/when-ready.ts'

/**
 * The event of a record, with its data checked.
 *
 * @throws {InvalidDataError} if the data of a known type does not fit its schema; the message lists the reasons.
 */
export function openEvent(
  provider: Provider,
  record: EventRecord,
  payload: JsonObject,
): Awaitable<WebhookEvent> {
  const { id, type, createdAt, rawBody } = record
  return whenReady(validateData(provider.events.get(type), type, provider.readData(payload)), (data) => ({
    id,
    type,
    createdAt: new Date(createdAt),
    data,
    payload,
    rawBody: rawBody as Uint8Array<ArrayBuffer>, // stores hand out memory that is nobody else's
  }))
}

function validateData(schema: StandardSchema | undefined, type: string, data: unknown): Awaitable<unknown> {
  if (schema === undefined) return data
  return whenReady(schema['~standard'].validate(data), (result) => {
    if (result.issues === undefined) return result.value
    throw new InvalidDataError(
      `data of ${type} does not fit its schema: ${result.issues.map(describeIssue).join('; ')}`,
    )
  })
}
