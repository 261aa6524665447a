import type { AuditProvider } from './audit-provider.ts'
import type { Probe } from './probe.ts'

/**
 * An application under audit. Its receivers have the handlers of `addAuditHandlers`, several of which may run at once, retry a failed
 * handler within seconds, and share nothing but the `secret` and the provider. URLs have a path without a trailing slash.
 */
export interface AuditTarget {
  /** A receiver that acknowledges on receipt. */
  readonly url: string
  /** A receiver with `acknowledge: 'after-handlers'`. */
  readonly afterHandlersUrl?: string | undefined
  /** A receiver with the handlers of `addAuditHandlersByType`, for the provider's `knownType`, in place of those of `addAuditHandlers`. */
  readonly byTypeUrl?: string | undefined
  /** A receiver whose inbox rejects whatever it is asked: `brokenInbox()`. */
  readonly brokenInboxUrl?: string | undefined
  /** A receiver whose inbox never answers: `stuckInbox()`. */
  readonly stuckInboxUrl?: string | undefined
  /** A receiver that gets its requests after something else has read their bodies and kept nothing of them. */
  readonly consumedBodyUrl?: string | undefined
  /** A receiver that gets its requests paused, nothing of their bodies read. Only where the platform has requests of `node:http`. */
  readonly pausedBodyUrl?: string | undefined
  /** A receiver that gets its requests after `holdBody`. Only where the platform has requests of `node:http`. */
  readonly heldBodyUrl?: string | undefined
  /** A receiver that gets its requests after `peekBody`. Only where the platform has requests of `node:http`. */
  readonly peekedBodyUrl?: string | undefined
  /**
   * A receiver that gets its requests after something else has read their bodies, and has left them as a text where that is usual: in
   * `rawBody` of the request. Only where there is such a place.
   */
  readonly textBodyUrl?: string | undefined
  /** A receiver whose responses went through `patchResponse` before it got them. Only where the platform has responses of `node:http`. */
  readonly patchedResponseUrl?: string | undefined
  /**
   * A receiver whose responses have had their head written before it got them: `response.writeHead(202)`. Only where the platform has
   * responses of `node:http`.
   */
  readonly writtenHeadUrl?: string | undefined
  /** A route of the application beside the webhooks, which answers a POST of JSON with `{ "parsed": … }`: what its JSON parser made of it. */
  readonly jsonUrl?: string | undefined
  readonly secret: string
  readonly provider: AuditProvider
  readonly probe: Probe
  /** The limit of all receivers. Best made small, as bodies of this size are sent. */
  readonly maxBodyBytes: number
  /** The window of all receivers, in milliseconds. Defaults to three days. */
  readonly maxAgeMs?: number | undefined
  /** What the receivers' clocks say, in milliseconds since 1970. Defaults to the system's. */
  now?(): number
  /** How long a reply, or the run of a handler, is waited for. Defaults to 5 s, after which Sematryx hangs up. */
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

/** For the `skipReason` of an audit that needs a part which a target may lack. */
export function needs(part: TargetPart) {
  return (target: AuditTarget): string | undefined =>
    target[part] === undefined ? `the target has no ${part}` : undefined
}

/** A URL of the target that `needs` has made sure of. */
export function urlOf(target: AuditTarget, part: TargetPart): string {
  const url = target[part]
  if (url === undefined) throw new TypeError(`the target has no ${part}`)
  return url
}

export const defaultPatienceMs = 5_000
export const defaultMaxAgeMs = 3 * 24 * 3600_000
