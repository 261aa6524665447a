export { decodeJson, readForm } from './bodies/read-payload.ts'
export { decodeBase64, readBase64, readBase64Digest, readHexDigest } from './bytes/digests.ts'
export type { Clock } from './contracts/clock.ts'
export type { Delivery, HeaderReader, ReadingBounds, Reply, UnverifiedRequest } from './contracts/delivery.ts'
export {
  ConfigurationError,
  type ErrorCode,
  HandlerTimeoutError,
  HookportError,
  InboxClosedError,
  InboxFullError,
  InterruptedError,
  InvalidDataError,
  isHookportError,
  PermanentError,
  Refusal,
  type RefusalCode,
  RetryLater,
  SelfTestError,
} from './contracts/errors.ts'
export type {
  EventMap,
  EventOf,
  FetchableEvent,
  FetchedOf,
  JsonObject,
  TellsOf,
  WebhookEvent,
} from './contracts/event.ts'
export { foundValue } from './contracts/found-value.ts'
export {
  type EventOrigin,
  type EventRecord,
  type KeptRequest,
  type TraceContext,
  unreadableType,
} from './contracts/inbox/event-record.ts'
export type {
  Attempt,
  ConsumeOptions,
  Consumer,
  LeaseSignal,
  Legacy,
  ParkingLimits,
  ParkingReport,
  Verdict,
  Wanted,
  Work,
} from './contracts/inbox/handling.ts'
export {
  type Burial,
  type ClaimOptions,
  type ClaimResult,
  type Counts,
  type EventPage,
  type EventState,
  type EventSummary,
  eventStates,
  type Inbox,
  type KeptEvent,
  type Lease,
  type ListFilter,
  type PutOptions,
  type PutResult,
} from './contracts/inbox/inbox.ts'
export type { Note, Notes } from './contracts/inbox/notes.ts'
export type { NewestHandled, OrderPlace } from './contracts/inbox/order.ts'
export {
  type Failure,
  type HandlerRun,
  noProgress,
  type Progress,
  type RedriveOptions,
  type ReplayOptions,
  redrivenProgress,
  replayedProgress,
  type WaitingHandler,
} from './contracts/inbox/progress.ts'
export type { Logger } from './contracts/logger.ts'
export type {
  ChallengeTools,
  Handshake,
  HandshakeAnswer,
  HandshakeRequest,
} from './contracts/provider/handshake.ts'
export {
  type BodyKind,
  type Endings,
  type Envelope,
  type EventSchemas,
  type EventsOf,
  type FetchOptions,
  type FormFields,
  InvalidEnvelope,
  type Provider,
  type ProviderDefinition,
  type RequestLine,
  type SecretOptions,
  type SignatureAlgorithm,
  type SignatureClaim,
  type SignatureReading,
  type SignatureScheme,
} from './contracts/provider/provider.ts'
export type {
  PickedSecrets,
  SecretDecoder,
  SecretOption,
  Secrets,
  TenantSecrets,
} from './contracts/provider/secret.ts'
export type { StandardSchema } from './contracts/provider/standard-schema.ts'
export { reasonOf } from './contracts/reason-of.ts'
export type {
  DrainCounts,
  DrainOptions,
  DrainRequest,
  DrainRouteOptions,
} from './contracts/receiver/drain.ts'
export type {
  Expectation,
  Expectations,
  ExpectOptions,
  OverdueHandler,
  OverdueThing,
} from './contracts/receiver/expect.ts'
export type {
  Handler,
  HandlerContext,
  HandlerOptions,
  HandlerRegistration,
  SelfNamedHandler,
} from './contracts/receiver/handler.ts'
export type { Health, HealthCode, HealthOptions, HealthReason } from './contracts/receiver/health.ts'
export type { DeliveryUnderWay, HandlerUnderWay, Instrument } from './contracts/receiver/instrument.ts'
export type { Observations, ObservedEvent, Observers } from './contracts/receiver/observers.ts'
export type { OrderedEvent, OrderOptions } from './contracts/receiver/order.ts'
export type { Pause, PauseRequest } from './contracts/receiver/pause.ts'
export type { Probe, SelfTestOptions, SendProbe } from './contracts/receiver/probe.ts'
export type { Receiver, Receiving, RedriveFilter } from './contracts/receiver/receiver.ts'
export type { ReplayProgress, ReplayRequest } from './contracts/receiver/replay.ts'
export type { MissingThing, ReconcileCounts, ReconcileOptions } from './contracts/reconcile/reconcile.ts'
export type {
  Ask,
  Asking,
  ListedPage,
  ListedThing,
  PagePosition,
  RateLimit,
  Source,
  SourceDefinition,
} from './contracts/reconcile/source.ts'
export { pausedHandling, pauseHandling, resumeHandling } from './handle/pause/pause-note.ts'
export { type ReplayTools, replayEvents } from './handle/replay-events.ts'
export { type MemoryInboxOptions, memoryInbox } from './memory/memory-inbox.ts'
export { closestName } from './options/closest-name.ts'
export { assertOptions } from './options/option-table.ts'
export { defineProvider } from './provider/define-provider.ts'
export { joinIds, readText, requireId, requireText } from './provider/reading/fields.ts'
export { atPublicUrl } from './provider/reading/public-url.ts'
export { readAnyTime, readIsoTimestamp } from './provider/reading/times.ts'
export { createReceiver } from './receiver.ts'
export { defineSource } from './reconcile/define-source.ts'
export { type ReceiverOptions, type RetryPolicy, receiverOptionNames } from './setup/options.ts'
export { completeClock } from './time/system-clock.ts'
export { type AnswerDrain, assertReceiver, asWebhooks, type Webhooks } from './webhooks.ts'
