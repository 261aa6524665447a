import type { ServerResponse } from 'node:http'
import type { Receiver } from '../contracts/receiver/receiver.ts'

/**
 * A reply could not be written: something has patched the response, and throws. Does not throw: the error goes to `next`, the error handling of
 * the framework, or else to the log, and the connection is closed.
 */
export function replyFailed(
  error: unknown,
  response: ServerResponse,
  { logger, provider }: Pick<Receiver, 'logger' | 'provider'>,
  next: ((error: unknown) => void) | undefined,
): void {
  try {
    if (next) {
      next(error)
      return
    }
  } catch {
    // The framework's own handling met the same response. What broke it first is said below.
  }
  logger.error({ provider, err: error }, 'a reply could not be written')
  if (!response.writableEnded) response.destroy() // a request that was read to its end lets the connection be
}
