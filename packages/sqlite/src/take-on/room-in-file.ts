import { type EventRecord, InboxFullError } from '@hookport/core'
import type { OpenFile } from '../open/open-file.ts'

/** How many handled events are deleted at once to make room. */
const mostGivingWay = 64

/** How much the file may hold. */
export class RoomInFile {
  readonly isBounded: boolean
  readonly #maxBytes: number
  readonly #path: string

  constructor({ maxBytes, path }: { readonly maxBytes: number; readonly path: string }) {
    this.isBounded = maxBytes !== Number.POSITIVE_INFINITY
    this.#maxBytes = maxBytes
    this.#path = path
  }

  /** Parked events have a limit of their own, and cause no refusal. Handled events are deleted to make room, the oldest first. */
  assertFor({ rawBody }: EventRecord, { space, parkedTotals, kept }: OpenFile): void {
    if (!this.isBounded) return
    const maxBytes = this.#maxBytes
    const hasRoom = () =>
      space.usedBytes + rawBody.length <= maxBytes || // most often: the totals need not be read then
      space.usedBytes - parkedTotals.usedBytes + rawBody.length <= maxBytes
    do if (hasRoom()) return
    while (kept.forgetHandled(Number.POSITIVE_INFINITY, mostGivingWay) > 0)
    const { usedBytes } = space
    throw new InboxFullError(
      `${this.#path} has ${usedBytes} bytes in use, and the maxBytes of its sqlite inbox is ${maxBytes}: are handlers too slow, or do dead letters pile up?`,
    )
  }
}
