export { type Clock, completeClock } from './clock.ts'
export { closestName } from './closest-name.ts'
export type { Delivery, HeaderReader, UnverifiedRequest } from './delivery.ts'
export {
  ConfigurationError,
  type ErrorCode,
  HandlerTimeoutError,
  HookportError,
  InboxClosedError,
  InboxFullError,
  InterruptedError,
  InvalidDataError,
  PermanentError,
  Refusal,
  type RefusalCode,
  RetryLater,
  SelfTestError,
} from './errors.ts'
export type { EventMap, EventOf, JsonObject, WebhookEvent } from './event.ts'
export type { Handler, HandlerContext, HandlerOptions, HandlerRegistration } from './handlers.ts'
export type {
  Attempt,
  ClaimOptions,
  ClaimResult,
  ConsumeOptions,
  Consumer,
  Counts,
  EventPage,
  EventRecord,
  EventState,
  EventSummary,
  Failure,
  Inbox,
  KeptEvent,
  Lease,
  LeaseSignal,
  ListFilter,
  Progress,
  PutOptions,
  PutResult,
  Verdict,
  Work,
} from './inbox.ts'
export type { Logger } from './logger.ts'
export { type MemoryInboxOptions, memoryInbox } from './memory/memory-inbox.ts'
export type { Observations, Observers } from './observers.ts'
export type { ReceiverOptions } from './options.ts'
export {
  defineProvider,
  type Envelope,
  type EventSchemas,
  type EventsOf,
  InvalidEnvelope,
  type Provider,
  type ProviderDefinition,
  type SecretOptions,
  type SignatureClaim,
  type SignatureReading,
} from './provider.ts'
export { decodeBase64, readBase64Digest, readHexDigest } from './read-digest.ts'
export { readIsoTimestamp } from './read-iso-timestamp.ts'
export { readText, requireText } from './read-text.ts'
export { createReceiver, type Receiver } from './receiver.ts'
export type { Reply } from './reply.ts'
export type { RetryPolicy } from './retry.ts'
export type { SecretDecoder, SecretOption } from './secret.ts'
export type { Probe, SendProbe } from './self-test.ts'
export type { StandardSchema } from './standard-schema.ts'
export { asWebhooks, type Webhooks } from './webhooks.ts'
