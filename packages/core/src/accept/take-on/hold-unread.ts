import type { Clock } from '../../contracts/clock.ts'
import { Refusal } from '../../contracts/errors.ts'
import type { PutOptions } from '../../contracts/inbox/inbox.ts'
import type { Logger } from '../../contracts/logger.ts'
import type { Provider } from '../../contracts/provider/provider.ts'
import type { Observe } from '../../contracts/receiver/observers.ts'
import type { Redaction } from '../../redact/redaction.ts'
import type { UnreadableEvent } from '../identity/read-event.ts'
import type { TakenOn, TakeOn } from './put-event.ts'

export interface HoldingTools {
  readonly provider: Pick<Provider, 'name'>
  readonly clock: Required<Clock>
  readonly logger: Logger
  readonly observe: Observe
  /** Paths of values in events that nobody may see. */
  readonly redact: Redaction
  readonly put: TakeOn
}

/** Keeps what can't be read as a dead letter, and tells of it. */
export async function holdUnread(
  unreadable: UnreadableEvent,
  options: PutOptions,
  { provider, clock, logger, observe, redact, put }: HoldingTools,
  withinMs?: number,
): Promise<TakenOn> {
  const { event } = unreadable
  const refusal = shownRefusal(unreadable, redact)
  const message = refusal.message.slice(0, 4096)
  const failure = { handler: null, code: 'unreadable', message, at: clock.now() }
  const result = await put(event, { ...options, failure }, withinMs)
  if (result.outcome === 'accepted') {
    const { source, tenant, id, type, key } = event
    const about = { provider: provider.name, source, tenant, id, type, key }
    logger.error(about, `${refusal.message}: it is kept as a dead letter, to be redriven once it can be read`)
    observe('dead', () => ({ ...about, attempt: 0, failures: [failure] }))
  }
  return result
}

/** Why it can't be read, in a form that may be shown. */
export function shownRefusal({ event, refusal }: UnreadableEvent, redact: Redaction): Refusal {
  return redact.isEmpty ? refusal : new Refusal(refusal.code, redact.of(event).hide(refusal.message))
}
