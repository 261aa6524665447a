import { ownTimeout } from './soon.ts'

const resting = new Set<Promise<void>>()

/** Calls back after a while, which no test moves. A clock that a test moves waits for it. */
export function rest(ms: number, callback: () => void): void {
  const rested = new Promise<void>((resolve) => {
    ownTimeout(() => {
      resting.delete(rested)
      callback()
      resolve()
    }, ms)
  })
  resting.add(rested)
}

/** Resolves once nothing of what rests now does any more. Undefined where nothing rests. */
export function untilRested(): Promise<unknown> | undefined {
  return resting.size > 0 ? Promise.all(resting) : undefined
}
