import type { Flags } from './flags.ts'

/** Longer timers of Node end at once. */
export const longestTimerMs = 2 ** 31 - 1

/** @throws {UsageError} for a time that a timer of Node can't wait. */
export function readTimeoutMs(flags: Flags): number | undefined {
  return flags.number('timeout-ms', { min: 1, max: longestTimerMs, whole: true })
}
