import { nodeBuiltin } from '../bytes/node-builtin.ts'
import { timersEndWithRequest } from './timers-end-with-request.ts'

/** Calls a function in an async context: that in which an `AsyncLocalStorage` of the application has what it keeps for a request. */
export type InContext = <Given extends unknown[], Result>(
  run: (...given: Given) => Result,
  ...given: Given
) => Result

const inAny: InContext = (run, ...given) => run(...given)

/** The context of the caller, for later. Any context where the platform has none, or lets none outlive its request. */
export function contextOfNow(): InContext {
  if (timersEndWithRequest()) return inAny
  return nodeBuiltin('node:async_hooks')?.AsyncLocalStorage.snapshot?.() ?? inAny
}

/** The context in which this module was loaded, which belongs to no request. */
export const outsideRequests = contextOfNow()
