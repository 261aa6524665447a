/**
 * `unauthorized`: the key is missing, wrong or has no right to this (401, 403). `invalid`: the API understood the request and refuses it (400, 409,
 * 422). `not_found`: there is no such thing (404). `unavailable`: no answer, or 429 or 5xx. The same request may work later; except for a 429, it may
 * also have been carried out. `unexpected`: any other answer.
 */
export type ManagementErrorCode = 'unauthorized' | 'invalid' | 'not_found' | 'unavailable' | 'unexpected'

interface Circumstances {
  status?: number | undefined
  answer?: unknown
  retryAfterMs?: number | undefined
  cause?: unknown
}

/** A request to a provider's management API failed. The message has the API's answer, but never a key. */
export class ManagementError extends Error {
  override readonly name = 'ManagementError'
  readonly code: ManagementErrorCode
  /** The status of the answer. Undefined where there was none. */
  readonly status: number | undefined
  /** The answer, parsed if it was JSON. */
  readonly answer: unknown
  /** How long the API asks to wait, in milliseconds. Undefined where it does not say. */
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

/** The only table from status to code. */
export function codeOfStatus(status: number): ManagementErrorCode {
  if (status === 401 || status === 403) return 'unauthorized'
  if (status === 404) return 'not_found'
  if (status === 400 || status === 409 || status === 422) return 'invalid'
  if (status === 429 || status >= 500) return 'unavailable'
  return 'unexpected'
}

/** The answer to a question. Undefined where there is no such thing. */
export async function unlessMissing<Answer>(question: Promise<Answer>): Promise<Answer | undefined> {
  try {
    return await question
  } catch (error) {
    if (error instanceof ManagementError && error.code === 'not_found') return undefined
    throw error
  }
}
