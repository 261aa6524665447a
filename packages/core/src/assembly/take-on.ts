import { takeOnAfterHandlers } from '../accept/take-on/claim-and-handle.ts'
import type { TakeOn } from '../accept/take-on/put-event.ts'
import { eventWork, type HandlingTools } from '../handle/turn/handle-event.ts'
import type { ResolvedOptions } from '../setup/options.ts'
import { Limiter } from '../time/limiter.ts'
import { timersEndWithRequest } from '../time/timers-end-with-request.ts'

/** What is done with an event before the reply: it is stored, or its handlers are run. */
export function takeOnAs(
  { acknowledge, ...options }: ResolvedOptions,
  tools: HandlingTools & { readonly put: TakeOn },
): TakeOn {
  if (acknowledge === 'on-receipt') return tools.put
  const { inbox, retry, concurrency } = options
  const patient = { ...retry, attempts: Number.POSITIVE_INFINITY } // the sender decides how often it tries
  return takeOnAfterHandlers({
    ...options,
    work: eventWork({ ...tools, retry: patient, heedsWaits: false, isParkable: inbox.durable }),
    // There, a request that ends early would never give its place back. Such a platform limits how many requests run at once itself.
    limiter: new Limiter(timersEndWithRequest() ? Number.POSITIVE_INFINITY : concurrency),
    running: () => tools.running.keys,
    pauses: tools.pauses,
  })
}
