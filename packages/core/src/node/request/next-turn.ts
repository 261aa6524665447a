import { nodeBuiltin } from '../../bytes/node-builtin.ts'

/** Of Node, even if a test fakes the timers: a server in a test has to answer. */
const { setImmediate } = nodeBuiltin('node:timers') ?? globalThis

/** The next turn of the event loop. */
export const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))
