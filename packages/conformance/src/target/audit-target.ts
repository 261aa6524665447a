import type { AuditProvider } from './audit-provider.ts'
import type { Probe } from './probe.ts'

/**
 * An application under audit. Its receivers have the handlers of `addAuditHandlers`, and may run several at once. They retry a failed handler within
 * seconds, and share only the `secret` and the provider. URLs have a path without a trailing slash.
 */
export interface AuditTarget {
  /** A receiver that acknowledges on receipt. */
  readonly url: string
  /** A receiver with `acknowledge: 'after-handlers'`. */
  readonly afterHandlersUrl?: string | undefined
  /** A receiver with the handlers of `addAuditHandlersByType`, for the provider's `knownType`, instead of those of `addAuditHandlers`. */
  readonly byTypeUrl?: string | undefined
  /** A receiver whose inbox rejects every call: `brokenInbox()`. */
  readonly brokenInboxUrl?: string | undefined
  /** A receiver whose inbox never answers: `stuckInbox()`. */
  readonly stuckInboxUrl?: string | undefined
  /** A receiver that gets its requests after something else has read their bodies, and kept nothing of them. */
  readonly consumedBodyUrl?: string | undefined
  /** A receiver that gets its requests paused, with their bodies unread. Only where the platform has requests of `node:http`. */
  readonly pausedBodyUrl?: string | undefined
  /** A receiver that gets its requests after `holdBody`. Only where the platform has requests of `node:http`. */
  readonly heldBodyUrl?: string | undefined
  /** A receiver that gets its requests after `peekBody`. Only where the platform has requests of `node:http`. */
  readonly peekedBodyUrl?: string | undefined
  /**
   * A receiver that gets its requests after something else has read their bodies, and has left them as text in the usual place: `rawBody` of
   * the request. Only where there is such a place.
   */
  readonly textBodyUrl?: string | undefined
  /** A receiver that gets its responses after `patchResponse`. Only where the platform has responses of `node:http`. */
  readonly patchedResponseUrl?: string | undefined
  /**
   * A receiver that gets its responses with their head already written: `response.writeHead(202)`. Only where the platform has
   * responses of `node:http`.
   */
  readonly writtenHeadUrl?: string | undefined
  /** A route of the application beside the webhooks. It answers a POST of JSON with `{ "parsed": … }`, the result of its JSON parser. */
  readonly jsonUrl?: string | undefined
  readonly secret: string
  readonly provider: AuditProvider
  readonly probe: Probe
  /** The limit of all receivers. Keep it small, as bodies of this size are sent. */
  readonly maxBodyBytes: number
  /** The window of all receivers, in milliseconds. Defaults to three days. */
  readonly maxAgeMs?: number | undefined
  /** The time on the receivers' clocks, in milliseconds since 1970. Defaults to the system's. */
  now?(): number
  /** How long to wait for a reply, or for the run of a handler. Defaults to 5 s, after which Sematryx hangs up. */
  readonly patienceMs?: number | undefined
}

type TargetPart =
  | 'afterHandlersUrl'
  | 'byTypeUrl'
  | 'brokenInboxUrl'
  | 'stuckInboxUrl'
  | 'consumedBodyUrl'
  | 'pausedBodyUrl'
  | 'heldBodyUrl'
  | 'peekedBodyUrl'
  | 'textBodyUrl'
  | 'patchedResponseUrl'
  | 'writtenHeadUrl'
  | 'jsonUrl'

/** For the `skipReason` of an audit that needs a part that a target may lack. */
export function needs(part: TargetPart) {
  return (target: AuditTarget): string | undefined =>
    target[part] === undefined ? `the target has no ${part}` : undefined
}

/** A URL of the target, which `needs` has checked. */
export function urlOf(target: AuditTarget, part: TargetPart): string {
  const url = target[part]
  if (url === undefined) throw new TypeError(`the target has no ${part}`)
  return url
}

export const defaultPatienceMs = 5_000
export const defaultMaxAgeMs = 3 * 24 * 3600_000
