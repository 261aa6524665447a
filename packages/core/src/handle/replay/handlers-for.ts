import type { Attempt, Verdict } from '../../contracts/inbox/handling.ts'
import { isNamed } from '../../contracts/inbox/progress.ts'
import type { Handlers, HandlersOfType } from '../handlers.ts'
import type { ParkLog } from '../park-log.ts'

/** How long an event waits for a process that has the handler for which it is replayed. */
const forOthersMs = 30_000

/** The handlers that an event is for. An event that is replayed for one handler is for that one only. */
export function handlersFor({ event, progress: { only } }: Attempt, handlers: Handlers): HandlersOfType {
  const ofType = handlers.of(event.type)
  if (only === undefined) return ofType
  return { ...ofType, handlers: ofType.handlers.filter(({ name }) => isNamed(name, only)) }
}

/**
 * The verdict on an event that is replayed for a handler which this process does not have. During a deploy, an older process may run
 * beside a newer one.
 */
export function waitsForItsHandler(
  { event, progress }: Attempt,
  { handlers, parkLog }: { readonly handlers: Handlers; readonly parkLog: ParkLog },
): Verdict | undefined {
  const { only } = progress
  if (only === undefined || handlers.has((name) => isNamed(name, only))) return undefined
  parkLog.waitsFor(only, event.type)
  return {
    outcome: 'retry',
    delayMs: forOthersMs,
    progress,
    failures: [],
    attemptUsed: false,
    keepInterruptions: true,
  }
}
