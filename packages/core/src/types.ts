/** The types that an application's own declarations may have to name. Adapters hand them on, so that an application needs no other package for it. */
export type { Clock } from './contracts/clock.ts'
export type { Delivery, HeaderReader, ReadingBounds, UnverifiedRequest } from './contracts/delivery.ts'
export type { EventMap, EventOf, JsonObject, WebhookEvent } from './contracts/event.ts'
export type { EventOrigin, EventRecord, KeptRequest, TraceContext } from './contracts/event-record.ts'
export type {
  Handler,
  HandlerContext,
  HandlerOptions,
  HandlerRegistration,
  SelfNamedHandler,
} from './contracts/handler.ts'
export type {
  Counts,
  EventPage,
  EventState,
  EventSummary,
  Inbox,
  KeptEvent,
  ListFilter,
} from './contracts/inbox.ts'
export type { Logger } from './contracts/logger.ts'
export type { Observations, Observers } from './contracts/observers.ts'
export type { Probe, SelfTestOptions, SendProbe } from './contracts/probe.ts'
export type { Failure, HandlerRun, Progress, RedriveOptions } from './contracts/progress.ts'
export type { EventSchemas, EventsOf, SecretOptions } from './contracts/provider.ts'
export type { Receiver, RedriveFilter } from './contracts/receiver.ts'
export type { Reply } from './contracts/reply.ts'
export type { PickedSecrets, SecretOption, Secrets, TenantSecrets } from './contracts/secret.ts'
export type { StandardSchema } from './contracts/standard-schema.ts'
export type { ReceiverOptions, RetryPolicy } from './setup/options.ts'
export type { Webhooks } from './webhooks.ts'
