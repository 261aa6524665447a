import type { ServerResponse } from 'node:http'
import type { Receiver } from '../../contracts/receiver/receiver.ts'

/**
 * Called where a reply could not be written, because something has patched the response and throws. Does not throw. The error goes to `next`, the
 * framework's error handling, or else to the log, and the connection is closed.
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
    // The framework's error handling failed on the same response. The first error is logged below.
  }
  logger.error({ provider, err: error }, 'a reply could not be written')
  attempt(() => {
    if (response.writableEnded) return
    attempt(() => {
      response.statusCode = 500 // a platform that imitates Node may end the response itself
    })
    response.destroy() // a request that was read to its end lets the connection be
  })
}

/** What is called may be no response at all, one of a platform that has no such method, or patched. */
function attempt(step: () => void): void {
  try {
    step()
  } catch {}
}
