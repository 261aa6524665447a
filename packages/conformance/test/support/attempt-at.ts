import type { Attempt, EventRecord, Progress } from '@hookport/core'

/** A first attempt that no inbox has given. */
export function attemptAt(
  event: EventRecord,
  progress: Progress = { completed: [], abandoned: [] },
): Attempt {
  return {
    event,
    attempt: 1,
    interruptions: 0,
    interruptedAlone: 0,
    wasInterrupted: false,
    progress,
    now: 0,
    checkpoint() {},
  }
}
