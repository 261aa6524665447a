import {
  type AuditTarget,
  addAuditHandlers,
  addAuditHandlersByType,
  brokenInbox,
  jaotAuditProvider,
  type Probe,
  sematryxAuditProvider,
  stuckInbox,
} from '@hookport/conformance'
import {
  createReceiver,
  type Inbox,
  memoryInbox,
  type Provider,
  type Receiver,
  type ReceiverOptions,
} from '@hookport/core'
import { jaot } from '@hookport/providers/jaot'
import { sematryx } from '@hookport/providers/sematryx'

const maxBodyBytes = 16 * 1024

const senders = {
  sematryx: { provider: sematryx, secret: 'your-webhook-secret', knownType: 'optimization.completed' },
  jaot: { provider: jaot, secret: 'whsec_your_signing_secret_here', knownType: 'trigger.run.completed' },
}

/** Separate from the receivers: signing needs `node:crypto`, and receivers are bundled for runtimes without it. */
const auditedProviders = { sematryx: sematryxAuditProvider, jaot: jaotAuditProvider }

export type SenderName = keyof typeof senders

/** What is different in receivers that are broken on purpose. */
export interface Twist {
  readonly options?: Partial<Omit<ReceiverOptions, 'provider' | 'inbox'>>
  provider?(provider: Provider): Provider
  inbox?(inbox: Inbox): Inbox
}

export type ReceiverPath = `/${string}`

/** The time on the clocks of the receivers for samples: a few hours after the samples were signed. */
const sampleClock = { now: () => Date.parse('2026-11-20T12:00:00Z') }

/**
 * A receiver for each path, to be mounted by the adapter under test. The application must first read the body of requests to `/consumed`, pause it for
 * `/paused`, hold it for `/held`, peek at it for `/peeked`, and leave it as text for `/text`. It must patch the response of `/patched`, and write the head of `/written`.
 */
export function auditedReceivers(
  sender: SenderName = 'sematryx',
  twist: Twist = {},
): Record<ReceiverPath, Receiver> {
  return {
    '/on-receipt': auditedReceiver(sender, {}, twist),
    '/after-handlers': auditedReceiver(sender, { acknowledge: 'after-handlers' }, twist),
    '/by-type': receiverByType(sender, twist),
    '/broken-inbox': auditedReceiver(sender, { inbox: brokenInbox(memoryInbox()) }, twist),
    '/stuck-inbox': auditedReceiver(sender, { inbox: stuckInbox(memoryInbox()), acceptTimeout: 50 }, twist),
    '/consumed': auditedReceiver(sender, {}, twist),
    '/paused': auditedReceiver(sender, {}, twist),
    '/held': auditedReceiver(sender, {}, twist),
    '/peeked': auditedReceiver(sender, {}, twist),
    '/text': auditedReceiver(sender, {}, twist),
    '/patched': auditedReceiver(sender, {}, twist),
    '/written': auditedReceiver(sender, {}, twist),
    '/samples/sematryx': auditedReceiver('sematryx', { clock: sampleClock }, twist),
    '/samples/jaot': auditedReceiver('jaot', { clock: sampleClock }, twist),
  }
}

function auditedReceiver(
  sender: SenderName,
  { inbox = memoryInbox(), ...options }: Omit<ReceiverOptions, 'provider'>,
  twist: Twist,
): Receiver {
  const receiver = receiverOf(sender, { inbox, ...options }, twist)
  addAuditHandlers(receiver)
  return receiver
}

function receiverByType(sender: SenderName, twist: Twist): Receiver {
  const receiver = receiverOf(sender, { inbox: memoryInbox() }, twist)
  addAuditHandlersByType(receiver, senders[sender].knownType)
  return receiver
}

function receiverOf(
  sender: SenderName,
  { inbox, ...options }: Omit<ReceiverOptions, 'provider' | 'inbox'> & { inbox: Inbox },
  twist: Twist,
): Receiver {
  const provider: Provider = senders[sender].provider({ secret: senders[sender].secret })
  return createReceiver({
    logger: false,
    maxBodyBytes,
    retry: { initialDelay: 20, maxDelay: 100 },
    ...options,
    ...twist.options,
    provider: twist.provider?.(provider) ?? provider,
    inbox: twist.inbox?.(inbox) ?? inbox,
  })
}

/** An application that has mounted `auditedReceivers` under `origin`, and a JSON route. */
export function targetAt(origin: string, probe: Probe, sender: SenderName = 'sematryx'): AuditTarget {
  const { secret } = senders[sender]
  return {
    url: `${origin}/on-receipt`,
    byTypeUrl: `${origin}/by-type`,
    afterHandlersUrl: `${origin}/after-handlers`,
    brokenInboxUrl: `${origin}/broken-inbox`,
    stuckInboxUrl: `${origin}/stuck-inbox`,
    consumedBodyUrl: `${origin}/consumed`,
    pausedBodyUrl: `${origin}/paused`,
    heldBodyUrl: `${origin}/held`,
    peekedBodyUrl: `${origin}/peeked`,
    textBodyUrl: `${origin}/text`,
    patchedResponseUrl: `${origin}/patched`,
    writtenHeadUrl: `${origin}/written`,
    jsonUrl: `${origin}/json`,
    secret,
    provider: auditedProviders[sender],
    probe,
    maxBodyBytes,
  }
}

/** An application of the Web standard has no requests and responses of Node, and its own can't be paused or patched. */
export function withoutNode(target: AuditTarget): AuditTarget {
  return {
    ...target,
    pausedBodyUrl: undefined,
    heldBodyUrl: undefined,
    peekedBodyUrl: undefined,
    textBodyUrl: undefined,
    patchedResponseUrl: undefined,
    writtenHeadUrl: undefined,
  }
}
