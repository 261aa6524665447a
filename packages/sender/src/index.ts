export type { SenderClock } from './clock.ts'
export { createSender, type DeliverOptions, type Delivery, type Sender } from './create-sender.ts'
export type { Attempt } from './deliver-with-retries.ts'
export { type EventType, eventTypes, formOf, jaotEventTypes } from './event-types.ts'
export { responseDeadlines, retrySchedules } from './retry-schedule.ts'
export { type SampleEvents, type SampleOptions, sampleEvent } from './sample-event.ts'
export type { JaotDocumentedEvent, JaotEvent, JaotRealEvent } from './sample-jaot-event.ts'
export type { SematryxEvent } from './sample-sematryx-event.ts'
export type { OutgoingRequest } from './send-attempt.ts'
export type { SenderOptions } from './sender-options.ts'
export { type SignedDelivery, type SigningOptions, signBody, signDelivery } from './sign-delivery.ts'
export {
  type JaotForm,
  type ProviderName,
  type SematryxForm,
  type WireChoice,
  type WireForm,
  wireForms,
} from './wire-form.ts'
