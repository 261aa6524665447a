import { nodeBuiltin } from '../../bytes/node-builtin.ts'
import type { Work } from '../../contracts/inbox/handling.ts'

/** Calls a function in the async context in which this module was loaded. Undefined where the platform has no such contexts. */
const outside = nodeBuiltin('node:async_hooks')?.AsyncLocalStorage.snapshot?.()

/**
 * Work that finds nothing of a request in an `AsyncLocalStorage`. A consumer takes its events when a request puts one, or when a turn ends. So handlers
 * would see the request of another event, such as its tenant or its logger.
 */
export function outsideRequests(work: Work): Work {
  return outside ? (attempt) => outside(work, attempt) : work
}
