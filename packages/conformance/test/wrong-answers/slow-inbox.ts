import { setTimeout as sleep } from 'node:timers/promises'
import type { Inbox } from '@hookport/core'
import { inboxInFront } from '@hookport/core/testing'

/** Long for a test that does not wait, short for one that does. */
const delayMs = 30
const longestMs = 60

/** An inbox that does all that it should, and takes its time: turns, verdicts and reports are late, and turns ever later. */
export function slowInbox(inbox: Inbox): Inbox {
  let turns = 0
  return inboxInFront(inbox, {
    consume: (work, options) =>
      inbox.consume(
        async (attempt) => {
          await sleep(Math.min(longestMs, delayMs * ++turns))
          const verdict = await work(attempt)
          await sleep(delayMs)
          return verdict
        },
        { ...options, report: (happening) => void sleep(delayMs).then(() => options.report(happening)) },
      ),
  })
}
