import {
  createReceiver,
  type Inbox,
  type Logger,
  memoryInbox,
  type Observations,
  type Provider,
  type Receiver,
  type ReceiverOptions,
  type WebhookEvent,
} from '@hookport/core'
import { inboxInFront } from '@hookport/core/testing'
import { type LogLine, recordedLogger } from '@hookport/testkit/logs'

/** What receivers did since it was last forgotten. */
export class Seen {
  /** Names of the providers whose signature was read. The body is read next. */
  readonly examined: string[] = []
  /** Payloads that came to be parsed. */
  readonly parsed: unknown[] = []
  /** Ids that came to the store. */
  readonly stored: string[] = []
  readonly handled: WebhookEvent[] = []
  readonly dead: Observations['dead'][] = []
  readonly rejected: Observations['rejected'][] = []
  /** Ids that came back with another body. */
  readonly conflicts: Observations['duplicate'][] = []
  readonly accepted: Observations['accepted'][] = []
  readonly lines: LogLine[]
  readonly logger: Logger

  constructor() {
    const { logger, lines } = recordedLogger()
    this.logger = logger
    this.lines = lines
  }

  forget(): void {
    for (const list of Object.values(this)) if (Array.isArray(list)) list.length = 0
  }
}

type Options = Omit<ReceiverOptions, 'provider' | 'inbox' | 'observers' | 'logger'>

/** A receiver of which every step that only authentic deliveries may reach is watched. */
export function watchedReceiver(provider: Provider, seen: Seen, options: Options): Receiver {
  const receiver = createReceiver({
    retry: { attempts: 1 },
    ...options,
    provider: watchedProvider(provider, seen),
    inbox: watchedInbox(memoryInbox(options.clock && { clock: options.clock }), seen),
    logger: seen.logger,
    observers: {
      dead: (observation) => seen.dead.push(observation),
      rejected: (observation) => seen.rejected.push(observation),
      accepted: (observation) => seen.accepted.push(observation),
      duplicate: (observation) => {
        if (observation.conflict) seen.conflicts.push(observation)
      },
    },
  })
  return receiver.onAnyEvent((event) => {
    seen.handled.push(event)
  })
}

function watchedProvider(provider: Provider, seen: Seen): Provider {
  return {
    ...provider,
    readSignature(headers, request) {
      seen.examined.push(provider.name)
      return provider.readSignature(headers, request)
    },
    readEnvelope(payload, headers) {
      seen.parsed.push(payload)
      return provider.readEnvelope(payload, headers)
    },
  }
}

function watchedInbox(inbox: Inbox, seen: Seen): Inbox {
  return inboxInFront(inbox, {
    put(event, options) {
      seen.stored.push(event.id)
      return inbox.put(event, options)
    },
  })
}
