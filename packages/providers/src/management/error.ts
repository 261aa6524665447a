/**
 * `unauthorized`: the key is missing, wrong or not allowed to do this (401, 403). `invalid`: the API understood, and refuses what was
 * asked (400, 409, 422). `not_found`: there is no such thing (404). `unavailable`: no answer, or 429 or 5xx; the same request may work
 * later, and, but for a 429, may have been carried out. `unexpected`: any other answer.
 */
export type ManagementErrorCode = 'unauthorized' | 'invalid' | 'not_found' | 'unavailable' | 'unexpected'

interface Circumstances {
  status?: number | undefined
  answer?: unknown
  retryAfterMs?: number | undefined
  cause?: unknown
}

/** A provider's management API did not do what it was asked. The message holds what it answered; never a key. */
export class ManagementError extends Error {
  override readonly name = 'ManagementError'
  readonly code: ManagementErrorCode
  /** The status of the answer; undefined where there was none. */
  readonly status: number | undefined
  /** The answer, parsed where it was JSON: for what it says beside its status. */
  readonly answer: unknown
  /** How long the API asks to be left alone, in milliseconds; undefined where it does not say. */
  readonly retryAfterMs: number | undefined

  constructor(
    code: ManagementErrorCode,
    message: string,
    { status, answer, retryAfterMs, cause }: Circumstances = {},
  ) {
    super(message, { cause })
    this.code = code
    this.status = status
    this.answer = answer
    this.retryAfterMs = retryAfterMs
  }
}

/** One table from status to code. */
export function codeOfStatus(status: number): ManagementErrorCode {
  if (status === 401 || status === 403) return 'unauthorized'
  if (status === 404) return 'not_found'
  if (status === 400 || status === 409 || status === 422) return 'invalid'
  if (status === 429 || status >= 500) return 'unavailable'
  return 'unexpected'
}
