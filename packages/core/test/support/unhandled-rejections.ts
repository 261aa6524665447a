import { onTestFinished } from 'vitest'

/** What was rejected and caught by nobody since this was called, until the test ends. */
export function collectUnhandledRejections(): unknown[] {
  const rejections: unknown[] = []
  const collect = (reason: unknown) => rejections.push(reason)
  const others = process.listeners('unhandledRejection')
  process.removeAllListeners('unhandledRejection').on('unhandledRejection', collect)
  onTestFinished(() => {
    process.off('unhandledRejection', collect)
    for (const other of others) process.on('unhandledRejection', other)
  })
  return rejections
}

/** Node reports a rejection as unhandled after the microtasks of the turn in which it happened. */
export async function rejectionsReported(): Promise<void> {
  for (let turn = 0; turn < 3; turn++) await new Promise((resolve) => setImmediate(resolve))
}
