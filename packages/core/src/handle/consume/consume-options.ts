import type { ConsumeOptions } from '../../contracts/inbox/handling.ts'
import type { ResolvedOptions } from '../../setup/options.ts'
import type { HandlingTools } from '../turn/handle-event.ts'

/**
 * What an inbox needs to know of the handlers that it hands events to.
 *
 * @param running keys of events that are being handled in this process.
 */
export function consumeOptions(
  tools: HandlingTools,
  options: ResolvedOptions,
  running: () => ReadonlySet<string>,
): ConsumeOptions {
  const { handlers, unhandled, observe, parkLog, describe, pauses } = tools
  const { name, concurrency, handlerTimeout, logger, keepParkedFor, maxParkedBytes } = options
  return {
    source: name,
    concurrency,
    handlerTimeout,
    logger,
    wanted: () => handlers.wanted(unhandled),
    parking: { keepMs: keepParkedFor, maxBytes: maxParkedBytes },
    running,
    isPaused: () => pauses.isAllPaused,
    report({ event, outcome }) {
      observe(outcome === 'parked' ? 'parked' : 'unhandled', () => describe(event))
      if (outcome === 'parked') parkLog.parked(event.type)
      if (outcome === 'expired') parkLog.expired(event.type)
    },
  }
}
