import { isRefusal, Refusal, type RefusalCode } from '../contracts/errors.ts'
import type { Logger } from '../contracts/logger.ts'

/** Ours to mend: an error. Everyday: debug. Anything else is a stranger or a mistake at the sender's: a warning. */
const levels: Partial<Record<RefusalCode, 'error' | 'debug'>> = {
  misconfigured: 'error',
  unavailable: 'error',
  method_not_allowed: 'debug',
  request_aborted: 'debug',
  in_progress: 'debug',
  handler_failed: 'debug', // the failure itself was logged with its handler
}

/** What is not a refusal already is a flaw: the event can't be acknowledged, so the sender is asked to send it again. */
export function toRefusal(error: unknown): Refusal {
  return isRefusal(error) ? error : new Refusal('unavailable', 'unexpected error', { cause: error })
}

/** Tells the operator why a delivery was refused, and what to do about it. */
export function logRefusal(logger: Logger, provider: string, { code, message, fix, cause }: Refusal): void {
  const details = { provider, code, ...(fix && { fix }), ...(cause !== undefined && { err: cause }) }
  logger[levels[code] ?? 'warn'](details, `delivery refused: ${message}`)
}
