import type { Mischief } from '../planning/mischief.ts'
import { planDeliveries } from '../planning/plan-deliveries.ts'
import type { PlannedDelivery } from '../planning/planned-delivery.ts'
import type { SenderClock } from '../sending/clock.ts'
import { createSender, type Sender } from '../sending/create-sender.ts'
import { type Attempt, isSuccess } from '../sending/deliver-with-retries.ts'
import { describeEvent } from '../wire/describe-event.ts'
import { formOf } from '../wire/event-types.ts'
import type { WireChoice } from '../wire/wire-form.ts'
import type { DeliveryLog, EmulatedDelivery } from './delivery-log.ts'
import type { EmulatorOptions } from './emulator-options.ts'
import { ApiError } from './http/api-error.ts'
import type { Registration } from './registrations.ts'

type DispatcherOptions = Pick<EmulatorOptions, 'timeScale' | 'timeoutMs' | 'sematryxForm' | 'onAttempt'> &
  Readonly<{ clock: SenderClock; mischief: Mischief; seed: number }>

/** Delivers events to registrations, retries by the provider's schedule, and records every attempt in the log. */
export class Dispatcher {
  readonly #log: DeliveryLog
  readonly #options: DispatcherOptions
  /** The open senders, by id of the registration. Closing a sender ends its retries. */
  readonly #senders = new Map<string, Set<Sender>>()
  readonly #underWay = new Set<Promise<void>>()
  readonly #closing = new AbortController()
  #dispatched = 0

  constructor(log: DeliveryLog, options: DispatcherOptions) {
    this.#log = log
    this.#options = options
  }

  /**
   * Returns the deliveries at once, before their first attempt has ended.
   *
   * @throws {Error} once it is closed: nothing would end the retries.
   */
  dispatch(registration: Registration, type: string, event: object): EmulatedDelivery[] {
    if (this.#closing.signal.aborted) throw new Error('the emulator is closed')
    const { url, secret } = registration
    const wire = this.#wireOf(registration, type)
    const { clock, mischief } = this.#options
    this.#dispatched += 1
    const seed = this.#options.seed + this.#dispatched
    const plan = [...planDeliveries([event], { ...wire, secret, mischief, seed, now: clock.now() })]
    return plan.flatMap(({ deliveries, atOnce }) => {
      const recorded = deliveries.map((planned) => this.#record(registration, url, type, event, planned))
      const sender = this.#open(registration, wire, url)
      this.#track(this.#post(sender, recorded, atOnce).finally(() => this.#done(registration, sender)))
      return recorded
    })
  }

  /**
   * One more attempt at a delivery, the same bytes to the same URL, without retries.
   *
   * @throws {ApiError} 409 while it still has attempts of its own to make.
   */
  resend(delivery: EmulatedDelivery, registration: Registration | undefined): void {
    if (delivery.state === 'pending')
      throw new ApiError(409, `delivery ${delivery.id} is not finished; its retries continue by themselves`)
    if (registration === undefined) throw new ApiError(409, 'its webhook was removed')
    const sender = this.#open(registration, this.#wireOf(registration, delivery.type), delivery.url)
    delivery.state = 'pending'
    this.#track(this.#deliver(sender, delivery, false).finally(() => this.#done(registration, sender)))
  }

  /** Ends the deliveries of a registration: those that are pending are cancelled. */
  cancel(registrationId: string): void {
    for (const delivery of this.#log.list({ registrationId, state: 'pending' })) delivery.state = 'cancelled'
    for (const sender of this.#senders.get(registrationId) ?? []) sender.close()
    this.#senders.delete(registrationId)
  }

  /** Does something later, unless it is closed before then. Until that is done, nothing is settled. */
  later(clock: SenderClock, ms: number, action: () => unknown): void {
    const { signal } = this.#closing
    const act = () => void (signal.aborted || action())
    const acted = clock.sleep(ms, signal).then(act, () => {})
    this.#track(acted.catch((error) => warn('a late action', error)))
  }

  /** Resolves when nothing is pending any more. */
  async settled(): Promise<void> {
    while (this.#underWay.size > 0) await Promise.all(this.#underWay)
  }

  close(): void {
    this.#closing.abort()
    for (const registrationId of [...this.#senders.keys()]) this.cancel(registrationId)
  }

  #wireOf(registration: Registration, type: string): WireChoice {
    return registration.provider === 'sematryx'
      ? { provider: 'sematryx', form: this.#options.sematryxForm }
      : { provider: 'jaot', form: formOf(type) }
  }

  #record(
    registration: Registration,
    url: string,
    type: string,
    event: object,
    { request, mischief }: PlannedDelivery,
  ): EmulatedDelivery {
    return this.#log.add({
      provider: registration.provider,
      registrationId: registration.id,
      url,
      type,
      eventId: describeEvent(registration.provider, event).id,
      mischief,
      state: 'pending',
      attempts: [],
      request,
    })
  }

  #open(registration: Registration, wire: WireChoice, url: string): Sender {
    const { clock, timeScale, timeoutMs } = this.#options
    const sender = createSender({ ...wire, url, secret: registration.secret, clock, timeScale, timeoutMs })
    const open = this.#senders.get(registration.id) ?? new Set()
    this.#senders.set(registration.id, open.add(sender))
    return sender
  }

  #done(registration: Registration, sender: Sender): void {
    sender.close()
    this.#senders.get(registration.id)?.delete(sender)
  }

  async #post(sender: Sender, deliveries: EmulatedDelivery[], atOnce: boolean): Promise<void> {
    if (atOnce) await Promise.all(deliveries.map((delivery) => this.#deliver(sender, delivery, true)))
    else for (const delivery of deliveries) await this.#deliver(sender, delivery, true)
  }

  async #deliver(sender: Sender, delivery: EmulatedDelivery, retry: boolean): Promise<void> {
    if (delivery.state === 'cancelled') return
    const onAttempt = (attempt: Attempt) => {
      delivery.attempts.push(attempt)
      return this.#tellOf(delivery, attempt)
    }
    try {
      const { attempts } = await sender.deliver(delivery.request, { retry, onAttempt })
      if (delivery.state === 'pending') delivery.state = attempts.some(isSuccess) ? 'delivered' : 'failed'
    } catch (error) {
      // It can't be sent: its type, for example, may have letters that a header can't hold.
      if (delivery.state !== 'pending') return
      delivery.state = 'failed'
      const { message } = error as Error
      await onAttempt({ at: this.#options.clock.now(), status: null, error: message, durationMs: 0 })
    }
  }

  /** Nobody waits for what an emulator does: what the listener fails with is a warning of the process, and the delivery goes on. */
  async #tellOf(delivery: EmulatedDelivery, attempt: Attempt): Promise<void> {
    try {
      await this.#options.onAttempt?.(delivery, attempt)
    } catch (error) {
      warn('onAttempt', error)
    }
  }

  #track(work: Promise<void>): void {
    const tracked = work.finally(() => this.#underWay.delete(tracked))
    this.#underWay.add(tracked)
  }
}

function warn(what: string, error: unknown): void {
  process.emitWarning(`${what} of the emulator failed: ${String(error)}`)
}
