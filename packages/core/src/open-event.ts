import { InvalidDataError } from './errors.ts'
import type { WebhookEvent } from './event.ts'
import type { EventRecord } from './inbox.ts'
import { parsePayload } from './parse-payload.ts'
import type { Provider } from './provider.ts'
import { describeIssue } from './standard-schema.ts'

/**
 * The event of a record, with its data checked.
 *
 * @throws {InvalidDataError} if the data of a known type does not fit its schema; the message lists the reasons.
 */
export async function openEvent(provider: Provider, record: EventRecord): Promise<WebhookEvent> {
  const payload = parsePayload(record.rawBody)
  return {
    id: record.id,
    type: record.type,
    createdAt: new Date(record.createdAt),
    data: await validateData(provider, record.type, provider.readData(payload)),
    payload,
    rawBody: record.rawBody as Uint8Array<ArrayBuffer>, // stores hand out memory that is nobody else's
  }
}

async function validateData(provider: Provider, type: string, data: unknown): Promise<unknown> {
  const schema = provider.events.get(type)
  if (schema === undefined) return data
  const result = await schema['~standard'].validate(data)
  if (result.issues === undefined) return result.value
  throw new InvalidDataError(
    `data of ${type} does not fit its schema: ${result.issues.map(describeIssue).join('; ')}`,
  )
}
