import { nodeBuiltin } from '../bytes/node-builtin.ts'
import { timersEndWithRequest } from './timers-end-with-request.ts'

/** The runtime's own, which no test moves: neither one that fakes timers later, nor Jest where it has faked them for all tests. */
const { setImmediate, setTimeout }: Pick<typeof globalThis, 'setImmediate' | 'setTimeout'> =
  nodeBuiltin('node:timers') ?? globalThis

export { setTimeout as ownTimeout }

/** That of the runtime, too. */
export const { performance: ownPerformance } = nodeBuiltin('node:perf_hooks') ?? globalThis

/**
 * Calls back in the next turn of the event loop. What waits for it lets others go first, and waits for no time that a test could move.
 * Edge runtimes have no `setImmediate`, or one that throws.
 */
export const soon: (callback: () => void) => void =
  typeof setImmediate === 'function' && !timersEndWithRequest()
    ? setImmediate
    : (callback) => setTimeout(callback, 0)

/** Resolves in the next turn of the event loop, which what resolves at once never lets come. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => soon(resolve))
}
