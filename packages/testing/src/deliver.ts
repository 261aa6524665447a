import { assertReceiver, type EventMap, type Receiving, type RefusalCode } from '@hookport/core'
import type { EventToDeliver } from './event-to-deliver.ts'
import { type EventLog, eventLogOf, type Intake, type TakenEvent } from './outcome/event-log.ts'
import { signedRequest } from './request/signed-request.ts'

/** The result of a delivery. `handled(delivered)` waits for its handlers. */
export interface Delivered {
  /** The status of the reply. */
  readonly status: number
  /** The body of the reply, as sent. */
  readonly body: string
  /** The code of the refusal, if it was refused. */
  readonly outcome: 'accepted' | 'duplicate' | 'answered' | RefusalCode
  /** Why it was refused, as in the log. */
  readonly reason: string | undefined
  /** The key under which the inbox knows the event, or the first of several. Empty if none was taken on. */
  readonly key: string
  readonly events: readonly TakenEvent[]
}

/** What is known of a delivery beside its result. */
export interface Recorded {
  /** Of the receiver. */
  readonly log: EventLog
  /** The keys of its events, also of one whose handlers failed before the reply. */
  readonly keys: readonly string[]
}

const recordedOf = new WeakMap<Delivered, Recorded>()

/**
 * Signs an event as its sender would, and delivers it to a receiver. The delivery passes through everything except the network and the framework.
 * Resolves once the receiver has replied.
 *
 * @throws {ConfigurationError} if the event has no type, or an unknown field. The message names it.
 * @throws {CannotSign} if no delivery could be made up. The message says what to give.
 */
export async function deliver<Events extends EventMap, Type extends (keyof Events & string) | (string & {})>(
  webhooks: Receiving<Events>,
  event: EventToDeliver<Type, Type extends keyof Events ? Events[Type] : unknown>,
): Promise<Delivered> {
  const { method, url, headers, body } = await signedRequest(webhooks, event as EventToDeliver)
  assertReceiver(webhooks, 'deliver') // a request can also be signed for a provider
  const intake: Intake = { events: [] }
  const log = eventLogOf(webhooks)
  const named = new Map(Object.entries(headers))
  const reply = await log.during(intake, () =>
    webhooks.receive({ method, url, headers: { get: (name) => named.get(name) }, readBody: () => body }),
  )
  const { events, refusal } = intake
  const delivered: Delivered = {
    status: reply.status,
    body: reply.body,
    outcome: refusal?.code ?? events[0]?.outcome ?? 'answered',
    reason: refusal?.reason,
    key: events[0]?.key ?? '',
    events,
  }
  recordedOf.set(delivered, { log, keys: keysIn(intake) })
  return delivered
}

function keysIn({ events, failedKey }: Intake): readonly string[] {
  const keys = events.map(({ key }) => key)
  return [...new Set(failedKey === undefined ? keys : [...keys, failedKey])]
}

/** What was recorded of a delivery, and is being recorded. */
export function recordOf(delivered: Delivered): Recorded {
  const recorded = recordedOf.get(delivered)
  if (recorded === undefined)
    throw new TypeError(
      'handled and failed need the result of deliver(): const delivered = await deliver(webhooks, { type: … })',
    )
  return recorded
}
