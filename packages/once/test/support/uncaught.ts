import { onTestFinished, vi } from 'vitest'

/** Is called with what would end the process, until the test ends. */
export function uncaughtExceptions() {
  const uncaught = vi.fn()
  process.prependListener('uncaughtException', uncaught)
  onTestFinished(() => void process.off('uncaughtException', uncaught))
  return uncaught
}
