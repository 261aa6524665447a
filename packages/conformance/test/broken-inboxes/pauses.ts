import type { ConsumeOptions, Inbox } from '@hookport/core'
import { type BrokenInbox, brokenMemory } from '../support/broken-inbox.ts'

/** Changes the options of its consumers. */
function optioned(
  inbox: Inbox,
  change: (options: ConsumeOptions) => Partial<ConsumeOptions>,
): Partial<Inbox> {
  return { consume: (work, options) => inbox.consume(work, { ...options, ...change(options) }) }
}

export const brokenPauses: readonly BrokenInbox[] = [
  brokenMemory('knows no pauses', ['I047'], (inbox) => optioned(inbox, () => ({ isPaused: () => false }))),
  brokenMemory('asks only once whether there is a pause', ['I047'], (inbox) =>
    optioned(inbox, ({ isPaused }) => {
      const answer = isPaused?.() === true
      return { isPaused: () => answer }
    }),
  ),
  brokenMemory('knows no pause that begins later', ['I047'], (inbox) =>
    optioned(inbox, ({ isPaused }) => {
      let isOver = false
      return {
        isPaused() {
          isOver ||= isPaused?.() !== true
          return !isOver
        },
      }
    }),
  ),
  brokenMemory('is late after a pause', ['I047'], (inbox, clock) => ({
    consume(work, options) {
      const consumer = inbox.consume(work, options)
      const wake = () => clock.after(1_000, () => consumer.wake())
      return { wake, idle: () => consumer.idle(), stop: () => consumer.stop() }
    },
  })),
  brokenMemory('is not idle in a pause', ['I047'], (inbox) => ({
    consume(work, options) {
      const consumer = inbox.consume(work, options)
      const idle = () => (options.isPaused?.() ? new Promise<void>(() => {}) : consumer.idle())
      return { wake: () => consumer.wake(), idle, stop: () => consumer.stop() }
    },
  })),
]
