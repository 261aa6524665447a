export type { SenderClock } from './clock.ts'
export { createSender, type DeliverOptions, type Delivery, type Sender } from './create-sender.ts'
export type { Attempt } from './deliver-with-retries.ts'
export type { DeliveryFilter, EmulatedDelivery } from './emulator/delivery-log.ts'
export type { EmitOptions } from './emulator/emit-event.ts'
export { type Emulator, type EmulatorOptions, startEmulator } from './emulator/start-emulator.ts'
export { type EventType, eventTypes, formOf, jaotEventTypes } from './event-types.ts'
export { type Mischief, type MischiefName, mischiefNames } from './mischief.ts'
export { type PlannedDelivery, type PlanOptions, planDeliveries } from './plan-deliveries.ts'
export type { Volley } from './plan-order.ts'
export { responseDeadlines, retrySchedules } from './retry-schedule.ts'
export { type SampleEvents, type SampleOptions, sampleEvent } from './sample-event.ts'
export type { JaotDocumentedEvent, JaotEvent, JaotRealEvent } from './sample-jaot-event.ts'
export type { SematryxEvent } from './sample-sematryx-event.ts'
export type { OutgoingRequest } from './send-attempt.ts'
export { type SendPlanOptions, sendPlan } from './send-plan.ts'
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
export type { Pace } from './write-body.ts'
