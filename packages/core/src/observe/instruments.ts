import { nodeBuiltin } from '../bytes/node-builtin.ts'
import type { Reply } from '../contracts/delivery.ts'
import { ConfigurationError } from '../contracts/errors.ts'
import type { TraceContext } from '../contracts/inbox/event-record.ts'
import type { Logger } from '../contracts/logger.ts'
import type { DeliveryUnderWay, HandlerUnderWay, Instrument } from '../contracts/receiver/instrument.ts'
import { assertObject } from '../options/option-table.ts'
import { isPromise } from '../time/awaitable.ts'

const none: readonly Instrument[] = []

const diagnostics = nodeBuiltin('node:diagnostics_channel')
const deliveries = diagnostics?.tracingChannel<object>('hookport:delivery')
const handlers = diagnostics?.tracingChannel<object>('hookport:handler')

/** Whether somebody has subscribed to one of the tracing channels. */
function areTraced(): boolean {
  return deliveries?.hasSubscribers === true || handlers?.hasSubscribers === true
}

/**
 * Publishes to the tracing channels `tracing:hookport:delivery:…` and `tracing:hookport:handler:…`. Their messages are what instruments get, with
 * `result` (the reply) or `error` added at the end.
 */
const channelInstrument: Instrument = {
  delivery: (delivery, receive) => deliveries?.tracePromise(receive, { ...delivery }, undefined),
  handler: (run, handle) => handlers?.tracePromise(async () => handle(), { ...run }),
}

/** The instruments that watch a receiver. */
export class Instruments {
  installed: readonly Instrument[] = none
  readonly #logger: Logger

  constructor(logger: Logger) {
    this.#logger = logger
  }

  /** Whether no instrument is installed. Then nothing has to be prepared for one. */
  get areAbsent(): boolean {
    return this.installed === none && !areTraced()
  }

  /**
   * Returns a function that removes it.
   *
   * @throws {ConfigurationError} for what is not an instrument.
   */
  add(instrument: Instrument): () => void {
    assertInstrument(instrument)
    this.installed = [...this.installed, instrument]
    return () => {
      const left = this.installed.filter((other) => other !== instrument)
      this.installed = left.length === 0 ? none : left
    }
  }

  /** @param receive is given the trace context to keep: that of the outermost instrument that asks to keep one. */
  aroundDelivery(
    delivery: DeliveryUnderWay,
    receive: (trace: TraceContext | undefined) => Promise<Reply>,
  ): Promise<Reply> {
    let kept: TraceContext | undefined
    let work = () => receive(kept)
    for (const instrument of this.#watching()) {
      const inner = work
      const surround = instrument.delivery?.bind(instrument)
      if (surround === undefined) continue
      work = () =>
        this.#through(
          (call) =>
            surround(delivery, (trace) => {
              kept ??= trace
              return call()
            }),
          inner,
        )
    }
    return work()
  }

  aroundHandler<Result>(run: HandlerUnderWay, handle: () => Result): Result {
    let work = handle
    for (const instrument of this.#watching()) {
      const inner = work
      const surround = instrument.handler?.bind(instrument)
      if (surround !== undefined) work = () => this.#through((call) => surround(run, call), inner)
    }
    return work()
  }

  /** The last one added is the outermost. */
  #watching(): readonly Instrument[] {
    return areTraced() ? [channelInstrument, ...this.installed] : this.installed
  }

  /** Runs the work once, inside the instruments. Returns or throws what the work does, whatever the instruments do with it. */
  #through<Result>(surround: (call: () => Result) => unknown, work: () => Result): Result {
    let begun: { readonly returned: Result } | { readonly thrown: unknown } | undefined
    const call = (): Result => {
      if (begun === undefined) {
        try {
          begun = { returned: work() }
        } catch (thrown) {
          begun = { thrown }
        }
      }
      return outcomeOf(begun)
    }
    try {
      const answer = surround(call)
      if (isPromise(answer)) Promise.resolve(answer).catch((err) => this.#report(err, begun))
    } catch (err) {
      this.#report(err, begun)
    }
    return call()
  }

  /** Errors of the work itself are reported elsewhere. */
  async #report(
    err: unknown,
    begun: { readonly returned?: unknown; readonly thrown?: unknown } | undefined,
  ): Promise<void> {
    if (begun?.thrown === err && err !== undefined) return
    try {
      await begun?.returned
    } catch (ofWork) {
      if (ofWork === err) return
    }
    this.#logger.error({ err }, 'an instrument threw')
  }
}

function outcomeOf<Result>(begun: { readonly returned: Result } | { readonly thrown: unknown }): Result {
  if ('thrown' in begun) throw begun.thrown
  return begun.returned
}

/**
 * Every delivery and every attempt would fail in an instrument that is none.
 *
 * @throws {ConfigurationError} for what is not an instrument.
 */
function assertInstrument(instrument: Instrument): void {
  assertObject(instrument, 'instrument: the instrument is')
  const { delivery, handler, observers = {} } = instrument
  assertObject(observers, 'instrument: observers is')
  for (const [name, value] of Object.entries({ delivery, handler, ...observers }))
    if (value !== undefined && typeof value !== 'function')
      throw new ConfigurationError(`instrument: ${name} is ${typeof value}; it must be a function`)
}
