import { isHookportError, isRefusal, Refusal, type RefusalCode } from '../../contracts/errors.ts'
import type { Logger } from '../../contracts/logger.ts'
import { SignatureMismatch } from '../verify/verify-signature.ts'
import type { LineSampler } from './line-sampler.ts'

/** Error: the operator can fix it. Debug: it happens every day. All else is a warning: a stranger, or a mistake of the sender. */
const levels: Partial<Record<RefusalCode, 'error' | 'debug'>> = {
  misconfigured: 'error',
  unavailable: 'error',
  method_not_allowed: 'debug',
  request_aborted: 'debug',
  in_progress: 'debug',
  handler_failed: 'debug', // the failure itself was logged with its handler
}

/**
 * An error that is not a refusal is a bug, in a definition or in hookport. The event can't be acknowledged, so the sender is asked to
 * send it again.
 */
export function toRefusal(error: unknown): Refusal {
  if (isRefusal(error)) return error
  if (isHookportError(error) && error.code === 'invalid_option')
    return new Refusal('misconfigured', error.message, { cause: error })
  return new Refusal('unavailable', 'unexpected error', { cause: error })
}

/**
 * Tells the operator why a delivery was refused, and what to do about it. Strangers can have deliveries refused: their lines are sampled, and
 * a line that is not written costs no diagnosis.
 */
export async function logRefusal(
  logger: Logger,
  sampler: LineSampler,
  provider: string,
  refusal: Refusal,
  what: 'delivery refused' | 'an event of the delivery is left out',
): Promise<void> {
  const { code, cause } = refusal
  const level = refusal.level ?? levels[code] ?? 'warn'
  const message = `${what}: ${refusal.message}`
  if (!sampler.admits({ level, message, about: { provider, code } })) return
  const fix = refusal instanceof SignatureMismatch ? await refusal.diagnose() : refusal.fix
  logger[level]({ provider, code, ...(fix && { fix }), ...(cause !== undefined && { err: cause }) }, message)
}
