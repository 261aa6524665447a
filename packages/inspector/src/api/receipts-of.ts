import type { KeptEvent } from '@hookport/core'
import type { ResolvedOptions } from '../options.ts'

/** Which handlers have had their effect. `null` where a database does not say: the event is shown nonetheless. Undefined where nobody keeps receipts. */
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
