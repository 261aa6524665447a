import type { KeptEvent } from '@hookport/core'
import type { ResolvedOptions } from '../options.ts'

/** The handlers whose effect is done. `null` if a database does not answer: the event is still shown. Undefined if nobody keeps receipts. */
export async function receiptsOf(
  event: KeptEvent,
  { receipts, logger }: Pick<ResolvedOptions, 'receipts' | 'logger'>,
): Promise<readonly string[] | null | undefined> {
  if (receipts.length === 0) return undefined
  try {
    const found = await Promise.all(receipts.map((book) => book.receipts(event)))
    return [...new Set(found.flat())]
  } catch (err) {
    logger.warn({ err, key: event.key }, 'the receipts of an event could not be read')
    return null
  }
}
