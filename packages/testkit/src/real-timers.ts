import { setTimeout } from 'node:timers'
import { afterAll } from 'vitest'

/**
 * After each file of a process that several share: all that come after a file that leaves a faked timer would hang. A spy on a faked timer does,
 * whose restoration by any later `vi.restoreAllMocks` brings the faked one back.
 */
afterAll(() => {
  if (globalThis.setTimeout === setTimeout) return
  globalThis.setTimeout = setTimeout
  throw new Error(
    'setTimeout is left as another than that of Node, by this file or by a spy of one before it',
  )
})
