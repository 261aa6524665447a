import { createHash } from 'node:crypto'
import type { EventRecord } from '@hookport/core'

/**
 * The place of an event in its order, for scripts: the name of its order key, a colon, and a text of fixed length. These texts sort by time and rank.
 * Empty where it has no order key.
 */
export function orderOf({ orderKey, createdAt, orderRank = 0 }: EventRecord): string {
  if (orderKey === undefined) return ''
  return `${nameOf(orderKey)}:${sortable(createdAt)}${sortable(orderRank)}`
}

/** The name of any text, also one with lone surrogates. */
function nameOf(orderKey: string): string {
  return createHash('sha256').update(JSON.stringify(orderKey)).digest('hex').slice(0, 40)
}

/** Sixteen hexadecimal digits that sort in the order of the numbers. */
function sortable(value: number): string {
  const bytes = Buffer.alloc(8)
  bytes.writeDoubleBE(value === 0 ? 0 : value) // turns -0 into 0
  const isNegative = ((bytes[0] as number) & 0x80) !== 0
  for (const [at, byte] of bytes.entries()) bytes[at] = byte ^ (isNegative ? 0xff : at === 0 ? 0x80 : 0)
  return bytes.toString('hex')
}
