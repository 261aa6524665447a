import { Refusal } from '../../contracts/errors.ts'

/** Node's codes for a connection that the other side has closed, or the network has lost. */
const connectionIsGone = new Set([
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'ETIMEDOUT',
  'ERR_STREAM_PREMATURE_CLOSE',
])

/**
 * Why a request ended before its body did. Senders hang up every day, and Node then gives their requests an error with one of these codes. With
 * another error, or none, the application destroyed the request.
 */
export function aborted(cause: (Error & { code?: unknown }) | null | undefined): Refusal {
  if (typeof cause?.code === 'string' && connectionIsGone.has(cause.code))
    return new Refusal('request_aborted', 'the sender hung up before its body was complete', { cause })
  return new Refusal(
    'request_aborted',
    'the application destroyed the request before its body was complete',
    {
      fix: 'look for what calls destroy on requests or sockets, before the webhook or beside it: the sender gets no reply, and sends again',
      level: 'warn',
      ...(cause && { cause }),
    },
  )
}
