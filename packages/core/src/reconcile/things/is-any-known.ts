import type { Clock } from '../../contracts/clock.ts'
import type { Inbox } from '../../contracts/inbox/inbox.ts'
import { withDeadline } from '../../time/deadlines.ts'

/** How long the inbox is waited for. A pass, or a turn, that waited for ever would be the last. */
const answerMs = 5_000

/** Whether one of these keys and aliases is known. False where the inbox can't say so. */
export async function isAnyKnown(
  names: readonly string[],
  { inbox, clock }: { readonly inbox: Pick<Inbox, 'knows'>; readonly clock: Required<Clock> },
): Promise<boolean> {
  return (await withDeadline(() => inbox.knows?.(names), answerMs, clock)) === true
}
