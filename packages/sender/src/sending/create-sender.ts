import { setMaxListeners } from 'node:events'
import { Agent as HttpAgent } from 'node:http'
import { Agent as HttpsAgent } from 'node:https'
import { signDelivery } from '../signing/sign-delivery.ts'
import { describeBody, describeEvent, type EventDescription } from '../wire/describe-event.ts'
import type { ProviderName } from '../wire/wire-form.ts'
import { type Attempt, deliverWithRetries, isSuccess } from './deliver-with-retries.ts'
import { type OutgoingRequest, sendAttempt } from './send-attempt.ts'
import { resolveSenderOptions, type SenderOptions } from './sender-options.ts'

/** The result of an event. */
export interface Delivery {
  provider: ProviderName
  /** The event's type, or null where the body does not say. */
  type: string | null
  /** The event's id, where it has one. JAOT's events have none. */
  id?: string
  /** Every attempt, in order. At least one. */
  attempts: Attempt[]
  outcome: 'delivered' | 'failed'
}

/** How one event is delivered. */
export interface DeliverOptions {
  /** `false` makes a single attempt. Defaults to true: retries by the schedule. */
  retry?: boolean | undefined
  /** Called with every attempt as soon as it is over, before the wait for the next one. */
  onAttempt?: ((attempt: Attempt) => void | Promise<void>) | undefined
}

/** Signs and sends events as a provider does. */
export interface Sender {
  /**
   * Serialises and signs the event once, and posts the same bytes until a 2xx or until the schedule ends. Rejects with `TypeError` for an event that
   * JSON can't represent, and with `Error` once the sender is closed.
   */
  send(event: object, options?: DeliverOptions): Promise<Delivery>
  /** The same for a delivery that was signed earlier, and may have been changed since. */
  deliver(signed: OutgoingRequest, options?: DeliverOptions): Promise<Delivery>
  /** Closes the connections. Current deliveries end as `failed`, without further attempts. */
  close(): void
}

/** Less than the 5 s after which Node's servers close an idle connection, as that may happen just when it is used again. */
const idleConnectionMs = 1_000

/**
 * A sender that behaves like the provider's own, with its wire form, deadline and retry schedule. Redirects are failures.
 *
 * Throws `TypeError` for an unknown option, a url that is neither https nor loopback, a missing secret, an unknown provider or form; `RangeError` for a duration that is
 * negative or too long for a timer (over 24.8 days).
 */
export function createSender(options: SenderOptions): Sender {
  const { wire, url, secret, timeoutMs, retryDelaysMs, clock } = resolveSenderOptions(options)
  const Agent = url.protocol === 'https:' ? HttpsAgent : HttpAgent
  const agent = new Agent({ keepAlive: true, timeout: idleConnectionMs })
  const closing = new AbortController()
  const { signal } = closing
  setMaxListeners(0, signal) // one listener per attempt under way, however many

  async function post(
    outgoing: OutgoingRequest,
    event: EventDescription,
    { retry = true, onAttempt }: DeliverOptions = {},
  ): Promise<Delivery> {
    if (signal.aborted) throw new Error('the sender is closed')
    const attempts = await deliverWithRetries(
      () => sendAttempt({ url, agent, timeoutMs, signal }, outgoing),
      {
        delaysMs: retry ? retryDelaysMs : [],
        clock,
        signal,
        onAttempt,
      },
    )
    return {
      provider: wire.provider,
      type: event.type,
      ...(event.id === null ? {} : { id: event.id }),
      attempts,
      outcome: attempts.some(isSuccess) ? 'delivered' : 'failed',
    }
  }

  return {
    async send(event, options) {
      const signed = signDelivery({ ...wire, secret, event, sentAt: clock.now() })
      return post(signed, describeEvent(wire.provider, event), options)
    },
    async deliver(signed, options) {
      return post(signed, describeBody(wire.provider, signed.body), options)
    },
    close() {
      closing.abort()
      agent.destroy()
    },
  }
}
