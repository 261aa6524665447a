import type { Delivery, Reply } from '../../contracts/delivery.ts'
import type { RefusalCode } from '../../contracts/errors.ts'
import type { Provider } from '../../contracts/provider/provider.ts'

interface Row {
  readonly status: number
  readonly body: string
  readonly headers?: Readonly<Record<string, string>>
}

/** The reply to each outcome. The sender retries after anything but a 2xx. */
const table: Record<'received' | RefusalCode, Row> = {
  received: { status: 200, body: '{"received":true}' },
  missing_signature: { status: 401, body: '{"error":"missing_signature"}' },
  invalid_signature: { status: 401, body: '{"error":"invalid_signature"}' },
  invalid_payload: { status: 400, body: '{"error":"invalid_payload"}' },
  stale_event: { status: 400, body: '{"error":"stale_event"}' },
  request_aborted: { status: 400, body: '{"error":"request_aborted"}' },
  request_timeout: {
    status: 408,
    body: '{"error":"request_timeout"}',
    headers: { connection: 'close' }, // what is left of the body may never come
  },
  payload_too_large: {
    status: 413,
    body: '{"error":"payload_too_large"}',
    headers: { connection: 'close' }, // as it may be of any length
  },
  unsupported_encoding: { status: 415, body: '{"error":"unsupported_encoding"}' },
  method_not_allowed: { status: 405, body: '{"error":"method_not_allowed"}', headers: { allow: 'POST' } },
  in_progress: { status: 409, body: '{"error":"in_progress"}' },
  handler_failed: { status: 500, body: '{"error":"handler_failed"}' },
  unavailable: { status: 503, body: '{"error":"unavailable"}', headers: { 'retry-after': '5' } },
  misconfigured: { status: 500, body: '{"error":"misconfigured"}' },
}

/** The reply to an event that is taken on now, or was before. */
export const received: Reply = reply(table.received)

/** The reply to a refused delivery. `retryAfterMs` becomes a `Retry-After` of whole seconds, 1 at least. */
export function toReply({
  code,
  retryAfterMs,
  closesConnection = false,
}: {
  code: RefusalCode
  retryAfterMs?: number | undefined
  closesConnection?: boolean
}): Reply {
  return reply(table[code], {
    ...(retryAfterMs !== undefined && {
      'retry-after': String(Math.max(1, Math.ceil(retryAfterMs / 1000))),
    }),
    ...(closesConnection && { connection: 'close' }),
  })
}

/** A reply that may be written before the whole body has arrived. The connection is closed then, as the sender could go on sending without end. */
export async function beforeBody(reply: Reply, delivery: Delivery): Promise<Reply> {
  try {
    return (await delivery.discardRest?.()) ? closing(reply) : reply
  } catch {
    return closing(reply) // nobody knows what is left of the body, and a refusal has to be written all the same
  }
}

/** The same reply, after which the connection is closed. */
function closing(reply: Reply): Reply {
  return { ...reply, headers: { ...reply.headers, connection: 'close' } }
}

/** The same reply without a body, where the sender demands that. */
export function writtenFor({ emptyReply }: Pick<Provider, 'emptyReply'>, reply: Reply): Reply {
  if (!emptyReply) return reply
  const { 'content-type': _, ...headers } = reply.headers
  return { ...reply, body: '', headers: { ...headers, 'content-length': '0' } }
}

function reply({ status, body, headers }: Row, more?: Record<string, string>): Reply {
  return {
    status,
    body,
    headers: {
      'content-type': 'application/json',
      'content-length': String(body.length),
      ...headers,
      ...more,
    },
  }
}
