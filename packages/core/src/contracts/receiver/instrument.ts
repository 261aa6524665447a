import type { Delivery, Reply } from '../delivery.ts'
import type { TraceContext } from '../inbox/event-record.ts'
import type { ObservedEvent, Observers } from './observers.ts'

/** One delivery, before anything in it is authenticated. */
export interface DeliveryUnderWay extends Pick<Delivery, 'method' | 'url' | 'headers'> {
  readonly provider: string
  /** Name of the receiver. */
  readonly source: string
}

/** One attempt of one handler. */
export interface HandlerUnderWay extends ObservedEvent {
  /** As in `HandlerContext.handler`. */
  readonly handler: string
  /** 1 for the first attempt of this handler. */
  readonly attempt: number
  /** The trace that was kept with the event. */
  readonly trace: TraceContext | undefined
}

/**
 * Observes a receiver around its work, for traces and metrics. It can't change what becomes of a delivery or an event: its return values are ignored,
 * and what it throws is only logged.
 */
export interface Instrument {
  /**
   * Wraps a delivery. It must call `receive` before it returns, in any asynchronous context, and is given the reply. `receive` never rejects.
   *
   * @param receive `trace`, where given, is kept with every event of the delivery, and passed to `handler`.
   */
  delivery?(delivery: DeliveryUnderWay, receive: (trace?: TraceContext) => Promise<Reply>): unknown
  /**
   * Wraps one attempt of a handler. It must call `handle` before it returns. `handle` throws or rejects as the handler did, or when its time was
   * over. It answers a promise only where the handler did.
   */
  handler?(run: HandlerUnderWay, handle: () => unknown): unknown
  /** Told what observers are told, beside those in the receiver's options. */
  readonly observers?: Observers
}
