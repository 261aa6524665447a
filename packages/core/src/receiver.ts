import { answerChallenge, answerProbe } from './accept/handshake/answer-handshake.ts'
import { readEvents } from './accept/identity/read-event.ts'
import { checkBodySize, checkRequest, readBody } from './accept/request/read-request.ts'
import { checkFreshness } from './accept/take-on/check-freshness.ts'
import { logRefusal, toRefusal } from './accept/tell/refusal-log.ts'
import { beforeBody, received, toReply, writtenFor } from './accept/tell/reply-table.ts'
import { readSignature, type VerifiedBody, verifySignature } from './accept/verify/verify-signature.ts'
import { AssembledReceiver } from './assembly/assembled-receiver.ts'
import { ReceiverParts } from './assembly/receiver-parts.ts'
import type { Delivery, Reply } from './contracts/delivery.ts'
import { Refusal } from './contracts/errors.ts'
import type { EventMap } from './contracts/event.ts'
import type { TraceContext } from './contracts/inbox/event-record.ts'
import type { Logger } from './contracts/logger.ts'
import type { SignatureClaim } from './contracts/provider/provider.ts'
import type { Receiver } from './contracts/receiver/receiver.ts'
import { TimedPlacing } from './handle/order/placing.ts'
import { guardedLogger } from './setup/checked-logger.ts'
import { type ReceiverOptions, resolveOptions } from './setup/options.ts'
import { settledWithin } from './time/deadlines.ts'

/**
 * Makes a receiver for the deliveries of one provider.
 *
 * @throws {ConfigurationError} for an unknown option, a value that can't work, or a `dedupeWindow` shorter than the time
 * over which the provider retries.
 */
export function createReceiver<Events extends EventMap>(options: ReceiverOptions<Events>): Receiver<Events> {
  return new WebhookReceiver(new ReceiverParts(resolveOptions(options)))
}

/** The way of a delivery. Everything else that a receiver does, and its parts, is in `assembly`. */
class WebhookReceiver<Events extends EventMap> extends AssembledReceiver<Events> {
  readonly #parts: ReceiverParts

  constructor(parts: ReceiverParts) {
    super(parts)
    this.#parts = parts
  }

  receive(delivery: Delivery): Promise<Reply> {
    const { instruments } = this.#parts
    if (instruments.areAbsent) return this.#receive(delivery, undefined)
    const { method, url, headers } = delivery
    const underWay = { provider: this.provider, source: this.source, method, url, headers }
    return instruments.aroundDelivery(underWay, (trace) => this.#receive(delivery, trace))
  }

  async #receive(delivery: Delivery, trace: TraceContext | undefined): Promise<Reply> {
    const { options, selfTests, consumption, intake, placeInOrder } = this.#parts
    const { provider, clock } = options
    try {
      this.#assertAccepting()
      const greeting = answerProbe(provider, delivery)
      if (greeting !== undefined) return await beforeBody(greeting, delivery)
      checkRequest(delivery)
      if (selfTests.recognise(delivery)) {
        await selfTests.takeIn(delivery, options)
        return received
      }
      const signature = readSignature(provider, delivery)
      const body = await readBody(delivery, options)
      checkBodySize(body, options)
      let verified = await verifySignature(provider, signature, body, delivery, options)
      const now = clock.now()
      if (provider.handshake.post !== undefined) {
        const askedAt = clock.elapsed()
        const answer = await this.#answerChallenge(verified, signature, delivery, now)
        if (answer !== undefined) return answer
        verified = { ...verified, waitedMs: verified.waitedMs + clock.elapsed() - askedAt }
      }
      const origin = { source: this.source, tenant: verified.tenant, trace }
      const placing = placeInOrder && new TimedPlacing(placeInOrder, verified, clock)
      const readings = await readEvents(provider, origin, verified, delivery, now, placing?.place)
      this.#assertAccepting() // it may have been stopped while the body arrived
      consumption.deliveryCame()
      const leftOut = await intake.take(readings, signature, placing?.delivery ?? verified)
      for (const refusal of leftOut) await this.#tellOf(refusal, received.status, delivery.logger)
      return writtenFor(provider, received)
    } catch (error) {
      const refusal = toRefusal(error)
      const reply = writtenFor(provider, toReply(refusal))
      await this.#tellOf(refusal, reply.status, delivery.logger)
      return await beforeBody(reply, delivery)
    }
  }

  #assertAccepting(): void {
    if (!this.#parts.stopping) return
    throw new Refusal('unavailable', 'the receiver was stopped', { closesConnection: true }) // so that a server that is closed can close
  }

  #answerChallenge(
    verified: VerifiedBody,
    signature: SignatureClaim,
    delivery: Delivery,
    now: number,
  ): Promise<Reply | undefined> {
    const { provider, maxAge, acceptTimeout, clock } = this.#parts.options
    const isAskedNow = (createdAt = new Date(now)) =>
      checkFreshness(signature, createdAt.getTime(), now, maxAge)
    const withinMs = Math.max(0, acceptTimeout - verified.waitedMs)
    const onTimeout = () =>
      new Refusal('unavailable', `${this.provider}: handshake.post did not answer within ${withinMs} ms`)
    const answer = answerChallenge(provider, { ...verified, assertFresh: isAskedNow }, delivery)
    return settledWithin(answer, withinMs, clock, { onTimeout })
  }

  /** @param status the status of the reply. */
  async #tellOf(refusal: Refusal, status: number, requestLogger: Logger | undefined): Promise<void> {
    const { options, sampler, observe } = this.#parts
    const logger = requestLogger ? guardedLogger(requestLogger) : options.logger
    const what = status === received.status ? 'an event of the delivery is left out' : 'delivery refused'
    await logRefusal(logger, sampler, this.provider, refusal, what)
    const { code, message: reason } = refusal
    observe('rejected', () => ({ provider: this.provider, code, status, reason }))
  }
}
