import { timersEndWithRequest } from './timers-end-with-request.ts'

/**
 * Calls back in the next turn of the event loop. It is Node's own turn, even if a test fakes the timers later: what waits for it lets others go
 * first, and waits for no time that a test could move. Edge runtimes have no `setImmediate`, or one that throws.
 */
export const soon: (callback: () => void) => void =
  typeof setImmediate === 'function' && !timersEndWithRequest()
    ? setImmediate
    : (callback) => setTimeout(callback, 0)
