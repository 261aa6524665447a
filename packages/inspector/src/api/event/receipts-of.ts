import type { KeptEvent } from '@hookport/core'
import type { ResolvedOptions } from '../../options.ts'
import { inTime } from '../in-time.ts'

/** Less than a viewer waits for the whole answer. */
const patience = { who: 'The database of receipts', ms: 5_000 }

/** The handlers whose effect is done. `null` if a database does not answer: the event is still shown. Undefined if nobody keeps receipts. */
export async function receiptsOf(
  event: KeptEvent,
  { receipts, logger }: Pick<ResolvedOptions, 'receipts' | 'logger'>,
): Promise<readonly string[] | null | undefined> {
  if (receipts.length === 0) return undefined
  try {
    const found = await inTime(Promise.all(receipts.map((book) => book.receipts(event))), patience)
    return [...new Set(found.flat())]
  } catch (err) {
    logger.warn({ err, key: event.key }, 'the receipts of an event could not be read')
    return null
  }
}
