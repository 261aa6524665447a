import { completeClock } from '@hookport/core'
import { ManagementError } from './error.ts'
import { pause } from './rate-limit.ts'
import { type CallOptions, usualMaxWaitMs } from './request.ts'

export interface Page<Item> {
  readonly items: readonly Item[]
  /** The number of items on the page, unreadable ones included. */
  readonly count: number
  /** Whether it is the last one. Undefined where the API does not say. */
  readonly isLast: boolean | undefined
  /** How long the API asks to wait before the next page, in milliseconds. */
  readonly waitMs: number
}

/** After this many pages in a row without anything new, an API that does not say where its list ends is assumed to have no pages. */
const maxPagesInVain = 3

/** A list that says that it goes on, and has shown nothing new on so many pages in a row, would be read forever. */
const maxPagesInVainAtAll = 10

/**
 * The items of all pages, each once. New items may be added during the reading. They come first and shift the pages, so an item may be seen again on
 * the next page, and is skipped. It does not wait for items that are added meanwhile.
 *
 * @param readPage reads the page after the given number of items.
 * @throws {ManagementError} `unexpected`, for a list that shows the same items again and again, and says that it goes on.
 */
export async function* allPages<Item extends { readonly id: string }>(
  { clock, signal, maxWaitMs = usualMaxWaitMs }: Pick<CallOptions, 'clock' | 'signal' | 'maxWaitMs'>,
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
    if (items.length > 0 && inVain >= maxPagesInVainAtAll)
      // what can't be read may be new
      throw new ManagementError(
        'unexpected',
        `the last ${maxPagesInVainAtAll} pages had nothing new, and each said that it is not the last`,
      )
    const pauseMs = Math.min(waitMs, maxWaitMs) // a limit that is still used up then is the next page's error
    if (pauseMs > 0) await pause(pauseMs, completeClock(clock), signal)
  }
}
