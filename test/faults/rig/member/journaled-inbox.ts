import { AsyncLocalStorage } from 'node:async_hooks'
import type { Attempt, Inbox, Legacy, Progress, Work } from '@hookport/core'
import { inboxInFront } from '@hookport/core/testing'
import type { Journal } from './journal.ts'

/** The turn that a handler runs in. */
export const currentTurn = new AsyncLocalStorage<string>()

/** The inbox, with every turn told to the journal. */
export function journaledInbox(inbox: Inbox, journal: Journal, who: string): Inbox {
  let turns = 0
  const journaled = (work: Work): Work => {
    return async (attempt) => {
      const about = { turn: `${who}/${++turns}`, id: attempt.event.id }
      const { now, interruptions } = attempt
      journal.write({ kind: 'turn', ...about, now, interruptions })
      const told = (progress: Progress, legacy?: Legacy) =>
        keep(attempt, { progress, legacy }, journal, about)
      const verdict = await currentTurn.run(about.turn, () => work({ ...attempt, checkpoint: told }))
      journal.write({ kind: 'verdict', ...about, outcome: verdict.outcome })
      if (attempt.signal?.aborted) journal.write({ kind: 'void', id: about.id }) // the store is not told it, and no line of the log says so
      return verdict
    }
  }
  return inboxInFront(inbox, { consume: (work, options) => inbox.consume(journaled(work), options) })
}

async function keep(
  attempt: Attempt,
  { progress, legacy }: { readonly progress: Progress; readonly legacy: Legacy | undefined },
  journal: Journal,
  about: { readonly turn: string; readonly id: string },
): Promise<void> {
  await attempt.checkpoint(progress, legacy)
  if (attempt.signal?.aborted) return
  journal.write({ kind: 'kept', ...about, completed: progress.completed.map(shortName) })
}

/** `onEvent(order.paid):charge` is `charge`. */
function shortName(handler: string): string {
  return handler.slice(handler.lastIndexOf(':') + 1)
}
