import type { Delivery } from '../delivery.ts'
import type { TraceContext } from '../inbox/event-record.ts'
import type { ObservedEvent, Observers } from './observers.ts'
import type { Reply } from './reply.ts'

/** One delivery, before anything of it is authenticated. */
export interface DeliveryUnderWay extends Pick<Delivery, 'method' | 'url' | 'headers'> {
  readonly provider: string
  /** Name of the receiver. */
  readonly source: string
}

/** One attempt of one handler. */
export interface HandlerUnderWay extends ObservedEvent {
  /** As `HandlerContext.handler` has it. */
  readonly handler: string
  /** 1 for the first attempt of this handler. */
  readonly attempt: number
  /** The trace that was kept with the event. */
  readonly trace: TraceContext | undefined
}

/**
 * Watches a receiver from around its work: traces and metrics. It changes nothing of what becomes of a delivery or an event: what it answers
 * is not looked at, and what it throws is logged and goes no further.
 */
export interface Instrument {
  /**
   * Surrounds a delivery. Calls `receive` before it returns, within any asynchronous context that it likes, and learns the reply; it never rejects.
   *
   * @param receive `trace`, where given, is kept with every event of the delivery, and handed to `handler`.
   */
  delivery?(delivery: DeliveryUnderWay, receive: (trace?: TraceContext) => Promise<Reply>): unknown
  /**
   * Surrounds one attempt of a handler. Calls `handle` before it returns, which throws or rejects as the handler did, or when its time was up. It answers a
   * promise only where the handler did.
   */
  handler?(run: HandlerUnderWay, handle: () => unknown): unknown
  /** Told beside the observers of the receiver's options. */
  readonly observers?: Observers
}
