export type { DeliveryFilter, EmulatedDelivery } from './emulator/delivery-log.ts'
export type { EmitOptions } from './emulator/emit-event.ts'
export type { EmulatorOptions } from './emulator/emulator-options.ts'
export type { AnswerFate, Fate, Losses } from './emulator/losses.ts'
export { type Emulator, startEmulator } from './emulator/start-emulator.ts'
export { type Mischief, type MischiefName, mischiefNames } from './planning/mischief.ts'
export { type PlanOptions, planDeliveries } from './planning/plan-deliveries.ts'
export type { PlannedDelivery, Volley } from './planning/planned-delivery.ts'
export { type SendPlanOptions, sendPlan } from './planning/send-plan.ts'
export { type SampleEvents, type SampleOptions, sampleEvent } from './samples/sample-event.ts'
export type { JaotDocumentedEvent, JaotEvent, JaotRealEvent } from './samples/sample-jaot-event.ts'
export type { SematryxEvent } from './samples/sample-sematryx-event.ts'
export type { SenderClock } from './sending/clock.ts'
export { createSender, type DeliverOptions, type Delivery, type Sender } from './sending/create-sender.ts'
export type { Attempt } from './sending/deliver-with-retries.ts'
export { receiverUrl } from './sending/receiver-url.ts'
export type { OutgoingRequest } from './sending/send-attempt.ts'
export type { SenderOptions } from './sending/sender-options.ts'
export type { Pace } from './sending/write-body.ts'
export { type SignedDelivery, type SigningOptions, signBody, signDelivery } from './signing/sign-delivery.ts'
export { type EventType, eventTypes, formOf, jaotEventTypes } from './wire/event-types.ts'
export { responseDeadlines, retrySchedules } from './wire/retry-schedule.ts'
export {
  type JaotForm,
  type ProviderName,
  type SematryxForm,
  type WireChoice,
  type WireForm,
  wireForms,
} from './wire/wire-form.ts'
