import type { ConsumeOptions, Consumer } from '../../contracts/inbox/handling.ts'
import type { Observe } from '../../contracts/receiver/observers.ts'
import type { ResolvedOptions } from '../../setup/options.ts'
import { contextOfNow } from '../../time/async-context.ts'
import { timersEndWithRequest } from '../../time/timers-end-with-request.ts'
import { TurnsUnderWay } from '../events-under-way.ts'
import type { Pauses } from '../pause/pauses.ts'
import { eventWork, type HandlingTools } from '../turn/handle-event.ts'

/** Options of a consumer that ends before its process does. */
interface Ending {
  /** When it is aborted, no further handler begins. */
  readonly over: AbortSignal
  /** Called before the observers. */
  readonly observe: Observe
}

/** Makes a consumer of a receiver's events. */
export type Consume = (ending?: Ending) => Consumer

/**
 * The consumers of a receiver share its `concurrency`. None is given an event that another is handling.
 *
 * @param isReplaced whether another receiver of the same name has taken over.
 */
export function consumersOf(
  tools: HandlingTools,
  options: ResolvedOptions,
  isReplaced: () => boolean,
): Consume {
  const { inbox, concurrency } = options
  const { running, pauses } = tools
  const turns = new TurnsUnderWay(concurrency)
  const allRunning = () => (running.keys.size === 0 ? turns.keys : new Set([...running.keys, ...turns.keys]))
  return (ending) => {
    const ended = ending ? endingTools(tools, ending) : tools
    const isOver = () => isReplaced() || ended.isStopping()
    const work = eventWork(ended)
    // If a request ends early, its turns would stay counted forever. Such a platform limits how many it runs at once itself.
    const consumer = timersEndWithRequest()
      ? inbox.consume(work, consumeOptions(ended, options, { running: () => running.keys, isOver }))
      : inbox.consume(
          turns.counting(work, ending?.over),
          consumeOptions(ended, options, { running: allRunning, isOver }),
        )
    return watching(consumer, pauses)
  }
}

/** What a consumer must not be given. */
interface Withheld {
  /** Keys of events that are being handled in this process. */
  running(): ReadonlySet<string>
  /** Whether it should be given nothing any more. What waits stays due, for other consumers. */
  isOver(): boolean
}

/** What an inbox needs to know of the handlers that it hands events to. */
function consumeOptions(
  tools: HandlingTools,
  options: ResolvedOptions,
  { running, isOver }: Withheld,
): ConsumeOptions {
  const { handlers, unhandled, observe, parkLog, describe, pauses } = tools
  const { name, concurrency, handlerTimeout, logger, keepParkedFor, maxParkedBytes } = options
  const inContext = contextOfNow()
  const report: ConsumeOptions['report'] = ({ event, outcome }) => {
    observe(outcome === 'parked' ? 'parked' : 'unhandled', () => describe(event))
    if (outcome === 'parked') parkLog.parked(event.type)
    if (outcome === 'expired') parkLog.expired(event.type)
  }
  return {
    source: name,
    concurrency,
    handlerTimeout,
    logger,
    wanted: () => handlers.wanted(unhandled),
    parking: { keepMs: keepParkedFor, maxBytes: maxParkedBytes },
    running,
    isPaused: () => isOver() || pauses.isAllPaused,
    report: (parked) => inContext(report, parked), // an inbox may have found it within a request
  }
}

/** A consumer that is woken by a pause or its end. It is idle only once it knows what is paused, or is stopped. */
function watching(consumer: Consumer, pauses: Pauses): Consumer {
  const leave = pauses.watch(() => consumer.wake())
  let isStopped = false
  return {
    wake: () => consumer.wake(),
    idle: () => idleOnceKnown(consumer, pauses, () => isStopped),
    stop() {
      isStopped = true
      leave()
      return consumer.stop()
    },
  }
}

/** A consumer hands out nothing before it has seen what is paused. It only seems idle then. */
async function idleOnceKnown(consumer: Consumer, pauses: Pauses, isStopped: () => boolean): Promise<void> {
  for (;;) {
    while (!(await pauses.known()) && !isStopped()) await pauses.triedAgain()
    const { heldBack } = pauses
    await consumer.idle()
    if (pauses.heldBack === heldBack || isStopped()) return
  }
}

function endingTools(tools: HandlingTools, { over, observe }: Ending): HandlingTools {
  return {
    ...tools,
    isStopping: () => over.aborted || tools.isStopping(),
    observe(name, observation) {
      observe(name, observation)
      tools.observe(name, observation)
    },
  }
}
