/** Why a delivery was refused. The sender sees this code; `accept/tell/reply-table.ts` turns it into a status. */
export type RefusalCode =
  | 'missing_signature'
  | 'invalid_signature'
  | 'invalid_payload'
  | 'stale_event'
  | 'payload_too_large'
  | 'unsupported_encoding'
  | 'method_not_allowed'
  | 'request_aborted'
  | 'request_timeout'
  | 'in_progress'
  | 'handler_failed'
  | 'unavailable'
  | 'misconfigured'

/** Every code that an error of hookport carries. The union is closed, so a `switch` over it can be exhaustive. */
export type ErrorCode =
  | RefusalCode
  | 'invalid_option'
  | 'permanent_failure'
  | 'retry_later'
  | 'handler_timeout'
  | 'invalid_data'
  | 'interrupted'
  | 'unreadable'
  | 'inbox_full'
  | 'inbox_closed'
  | 'self_test_failed'

/** Marks errors of hookport, also those of another copy of this package, for which `instanceof` is false. */
const brand = Symbol.for('@hookport/core.error')

/** Base class of all errors of hookport. `code` is for programs, the message for people. */
export abstract class HookportError extends Error {
  abstract readonly code: ErrorCode
  readonly [brand] = true
}

/** Whether an error is one of hookport's, also where another copy of this package created it. */
export function isHookportError(error: unknown): error is HookportError {
  return read(error, brand) === true
}

/** Whether a handler that threw this error must not run again. */
export function isPermanent(error: unknown): boolean {
  const code = isHookportError(error) && read(error, 'code')
  return code === 'permanent_failure' || code === 'invalid_data'
}

/** Milliseconds that `RetryLater` asks for; undefined for any other error. */
export function retryDelayOf(error: unknown): number | undefined {
  if (!isHookportError(error) || read(error, 'code') !== 'retry_later') return undefined
  const delayMs = read(error, 'delayMs')
  return typeof delayMs === 'number' && Number.isFinite(delayMs) ? delayMs : undefined
}

/** The codes of errors that say how handling ended. Any other code of a thrown error may be the application's, with anything in it. */
const endings = /^(permanent_failure|invalid_data|retry_later|handler_timeout|interrupted|unreadable)$/

/** Copies what an error means to hookport onto the error that replaces it: whether it is permanent, and when to try again. */
export function standIn(error: Error, thrown: unknown): Error {
  if (!isHookportError(thrown)) return error
  const code = read(thrown, 'code')
  const ending = typeof code === 'string' && endings.test(code) && { code }
  return Object.assign(error, { [brand]: true, delayMs: retryDelayOf(thrown) }, ending)
}

/** Whether a delivery is refused by this error. */
export function isRefusal(error: unknown): error is Refusal {
  return isHookportError(error) && read(error, 'name') === 'Refusal'
}

/** Reads a property of a thrown value. Reading may run the thrower's code, such as a getter or a revoked proxy. */
function read(error: unknown, name: PropertyKey): unknown {
  try {
    return typeof error === 'object' && error !== null ? Reflect.get(error, name) : undefined
  } catch {
    return undefined
  }
}

/** A receiver, provider or inbox was given a value that it can't work with. The message says what to do. */
export class ConfigurationError extends HookportError {
  override readonly name = 'ConfigurationError'
  readonly code = 'invalid_option'
}

interface RefusalDetails {
  fix?: string
  retryAfterMs?: number
  closesConnection?: boolean
  level?: 'debug' | 'warn' | 'error'
  cause?: unknown
}

/**
 * A delivery is not taken on. `message` is the reason, for the operator; `fix` is the likely remedy, where there is one. Neither is sent to the
 * sender, and neither contains a secret.
 *
 * An adapter throws it with code `misconfigured` where it can't get the raw body.
 */
export class Refusal extends HookportError {
  override readonly name = 'Refusal'
  readonly code: RefusalCode
  readonly fix: string | undefined
  /** For `in_progress`, `handler_failed` and `unavailable`: how long the sender is asked to wait. */
  readonly retryAfterMs: number | undefined
  /** For `unavailable`: the rest of the body is not read, and the connection is closed after the reply. */
  readonly closesConnection: boolean
  /** The log level, where it differs from the usual one of the code: `warn` for what strangers can cause. */
  readonly level: 'debug' | 'warn' | 'error' | undefined

  constructor(code: RefusalCode, reason: string, more: RefusalDetails = {}) {
    super(reason, { cause: more.cause })
    this.code = code
    this.fix = more.fix
    this.retryAfterMs = more.retryAfterMs
    this.closesConnection = more.closesConnection ?? false
    this.level = more.level
  }
}

/** Thrown by a handler: a retry is pointless. The event becomes a dead letter at once. */
export class PermanentError extends HookportError {
  override readonly name = 'PermanentError'
  readonly code = 'permanent_failure'
}

/**
 * Thrown by a handler: run it again in `delayMs` milliseconds, or in 1,000 if that is more. The wait does not use up an attempt.
 *
 * @throws {RangeError} if `delayMs` is negative or not a finite number.
 */
export class RetryLater extends HookportError {
  override readonly name = 'RetryLater'
  readonly code = 'retry_later'
  readonly delayMs: number

  constructor(delayMs: number, message = `again in ${delayMs} ms`) {
    if (!Number.isFinite(delayMs) || delayMs < 0)
      throw new RangeError(`RetryLater needs a delay of 0 ms or more, got ${delayMs}`)
    super(message)
    this.delayMs = delayMs
  }
}

/** A handler ran longer than `handlerTimeout`. Its `signal` was aborted, and the attempt counts as failed. */
export class HandlerTimeoutError extends HookportError {
  override readonly name = 'HandlerTimeoutError'
  readonly code = 'handler_timeout'
}

/** The data of a known event type does not fit its schema. */
export class InvalidDataError extends HookportError {
  override readonly name = 'InvalidDataError'
  readonly code = 'invalid_data'
}

/** Handling was cut off before it ended: the process died, or another process has taken the event. */
export class InterruptedError extends HookportError {
  override readonly name = 'InterruptedError'
  readonly code = 'interrupted'
}

/** The inbox has no room. The delivery is answered 503, so the sender tries again. */
export class InboxFullError extends HookportError {
  override readonly name = 'InboxFullError'
  readonly code = 'inbox_full'
}

/** The inbox was closed. */
export class InboxClosedError extends HookportError {
  override readonly name = 'InboxClosedError'
  readonly code = 'inbox_closed'
}

/** The probe of a self-test did not reach the receiver byte for byte. The message names the likely culprit. */
export class SelfTestError extends HookportError {
  override readonly name = 'SelfTestError'
  readonly code = 'self_test_failed'
}
