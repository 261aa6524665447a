/** The types that an application's own declarations may have to name. Adapters hand them on, so that an application needs no other package for it. */
export type { Clock } from './contracts/clock.ts'
export type { Delivery, HeaderReader, ReadingBounds, Reply, UnverifiedRequest } from './contracts/delivery.ts'
export type {
  EventMap,
  EventOf,
  FetchableEvent,
  FetchedOf,
  JsonObject,
  TellsOf,
  WebhookEvent,
} from './contracts/event.ts'
export type { EventOrigin, EventRecord, KeptRequest, TraceContext } from './contracts/inbox/event-record.ts'
export type {
  Counts,
  EventPage,
  EventState,
  EventSummary,
  Inbox,
  KeptEvent,
  ListFilter,
} from './contracts/inbox/inbox.ts'
export type { Failure, HandlerRun, Progress, RedriveOptions } from './contracts/inbox/progress.ts'
export type { Logger } from './contracts/logger.ts'
export type { EventSchemas, EventsOf, SecretOptions } from './contracts/provider/provider.ts'
export type { PickedSecrets, SecretOption, Secrets, TenantSecrets } from './contracts/provider/secret.ts'
export type { StandardSchema } from './contracts/provider/standard-schema.ts'
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
export type { Source } from './contracts/reconcile/source.ts'
export type { ReceiverOptions, RetryPolicy } from './setup/options.ts'
export type { Webhooks } from './webhooks.ts'
