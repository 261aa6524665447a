import { InvalidDataError } from '../contracts/errors.ts'
import type { JsonObject, WebhookEvent } from '../contracts/event.ts'
import type { EventRecord } from '../contracts/event-record.ts'
import type { Provider } from '../contracts/provider.ts'
import { describeIssue, type StandardSchema } from '../contracts/standard-schema.ts'

/**
 * The event of a record, with its data checked.
 *
 * @throws {InvalidDataError} if the data of a known type does not fit its schema; the message lists the reasons.
 */
export async function openEvent(
  provider: Provider,
  record: EventRecord,
  payload: JsonObject,
): Promise<WebhookEvent> {
  const { id, type, createdAt, rawBody } = record
  return {
    id,
    type,
    createdAt: new Date(createdAt),
    data: await validateData(provider.events.get(type), type, provider.readData(payload)),
    payload,
    rawBody: rawBody as Uint8Array<ArrayBuffer>, // stores hand out memory that is nobody else's
  }
}

async function validateData(
  schema: StandardSchema | undefined,
  type: string,
  data: unknown,
): Promise<unknown> {
  if (schema === undefined) return data
  const result = await schema['~standard'].validate(data)
  if (result.issues === undefined) return result.value
  throw new InvalidDataError(
    `data of ${type} does not fit its schema: ${result.issues.map(describeIssue).join('; ')}`,
  )
}
