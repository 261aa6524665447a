import {
  createReceiver,
  type EventsOf,
  memoryInbox,
  type Receiver,
  type ReceiverOptions,
  type Reply,
} from '@hookport/core'
import { type ManualClock, manualClock } from '@hookport/core/testing'
import { type RecordedLogger, recordedLogger } from '@hookport/testkit/logs'
import { acme, type acmeEvents, signedPost } from './acme.ts'
import { type RecordedObservers, recordedObservers } from './recorded-observers.ts'

export interface AcmeReceiver {
  readonly receiver: Receiver<EventsOf<typeof acmeEvents>>
  readonly clock: ManualClock
  readonly log: RecordedLogger
  readonly observed: RecordedObservers
  /** Receives a signed event. What is not given is made up: a fresh `order.paid`, signed now. */
  send(event?: Partial<AcmePayload>): Promise<Reply>
}

export interface AcmePayload {
  id: string
  type: string
  at: number
  data: unknown
  [more: string]: unknown
}

/** The instant at which the clock of every test starts. */
export const start = Date.UTC(2026, 0, 1)

/** A receiver of the made-up sender on a clock that only the test moves, with everything it says written down. */
export function acmeReceiver(
  options: Partial<ReceiverOptions<EventsOf<typeof acmeEvents>>> = {},
): AcmeReceiver {
  const clock = (options.clock as ManualClock | undefined) ?? manualClock(start)
  const log = recordedLogger()
  const observed = recordedObservers()
  const receiver = createReceiver({
    provider: acme(),
    inbox: memoryInbox({ clock }),
    clock,
    logger: log.logger,
    observers: observed.observers,
    ...options,
  })
  return {
    receiver,
    clock,
    log,
    observed,
    send: (event = {}) => receiver.receive(signedPost(JSON.stringify(paidOrder(clock.now(), event)))),
  }
}

export function paidOrder(at: number, event: Partial<AcmePayload> = {}): AcmePayload {
  return { id: 'evt_1', type: 'order.paid', at, data: { amount: 5 }, ...event }
}
