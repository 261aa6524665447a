import { completeClock } from '@hookport/core'
import { pause } from './rate-limit.ts'
import type { CallOptions } from './request.ts'

export interface Page<Item> {
  readonly items: readonly Item[]
  /** How many there were, those included that can't be read. */
  readonly count: number
  /** Whether it is the last one. Undefined where the API does not say. */
  readonly isLast: boolean | undefined
  /** How long to wait before the next one, in milliseconds. */
  readonly waitMs: number
}

/** Pages in a row without anything new, after which an API that does not say is taken for one that has no pages. */
const maxPagesInVain = 3

/**
 * The items of all pages, each once. New items may come while one reads: they stand in front and shift the pages, so that an item that
 * was seen comes again on the next one. It is passed over. What comes meanwhile is not waited for.
 *
 * @param readPage reads the page behind as many items as it is told were read.
 */
export async function* allPages<Item extends { readonly id: string }>(
  { clock, signal }: Pick<CallOptions, 'clock' | 'signal'>,
  readPage: (itemsBefore: number, pagesBefore: number) => Promise<Page<Item>>,
): AsyncGenerator<Item, void, undefined> {
  const seen = new Set<string>()
  let itemsBefore = 0
  let inVain = 0
  for (let pagesBefore = 0; ; pagesBefore++) {
    const { items, count, isLast, waitMs } = await readPage(itemsBefore, pagesBefore)
    itemsBefore += count
    const unseen = items.filter(({ id }) => !seen.has(id))
    for (const item of unseen) {
      seen.add(item.id)
      yield item
    }
    inVain = unseen.length === 0 ? inVain + 1 : 0
    if (isLast ?? inVain === maxPagesInVain) return
    if (count === 0) return
    if (waitMs > 0) await pause(waitMs, completeClock(clock), signal)
  }
}
