import type { Clock } from '../../contracts/clock.ts'
import { ConfigurationError } from '../../contracts/errors.ts'
import type { FetchableEvent } from '../../contracts/event.ts'
import type { LeaseSignal } from '../../contracts/inbox/handling.ts'
import type { Provider } from '../../contracts/provider/provider.ts'

export interface FetchTools {
  readonly clock: Required<Clock>
  /** The fetch is given up after this many milliseconds. */
  readonly handlerTimeout: number
}

/** The `fetch` of an event in one turn. All callers get the same answer. After a failure the next caller fetches again. */
export function fetchOnce(
  provider: Pick<Provider, 'name' | 'fetch'>,
  leaseSignal: LeaseSignal | undefined,
  tools: FetchTools,
): (event: FetchableEvent) => Promise<unknown> {
  let answer: Promise<unknown> | undefined
  return (event) => {
    answer ??= fetchThing(provider, event, leaseSignal, tools).catch((error) => {
      answer = undefined
      throw error
    })
    return answer
  }
}

async function fetchThing(
  { name, fetch }: Pick<Provider, 'name' | 'fetch'>,
  event: FetchableEvent,
  leaseSignal: LeaseSignal | undefined,
  { clock, handlerTimeout }: FetchTools,
): Promise<unknown> {
  if (fetch === undefined)
    throw new ConfigurationError(
      `event.fetch(): the definition of ${name} does not say how to fetch what an event is about; give it a function fetch`,
    )
  const aborting = new AbortController()
  const giveUp = () => aborting.abort()
  const cancelTimer = clock.after(handlerTimeout, giveUp, { background: true })
  leaseSignal?.addEventListener('abort', giveUp)
  if (leaseSignal?.aborted) giveUp()
  try {
    return await fetch(event, { signal: aborting.signal })
  } finally {
    cancelTimer()
    leaseSignal?.removeEventListener('abort', giveUp)
  }
}
