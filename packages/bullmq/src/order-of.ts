import { createHash } from 'node:crypto'
import type { EventRecord } from '@hookport/core'

/**
 * Where an event stands, as scripts know it: the name of its order key, a colon, and texts of one length whose order as texts is that of time and rank. Empty where
 * it has no order key.
 */
export function orderOf({ orderKey, createdAt, orderRank = 0 }: EventRecord): string {
  if (orderKey === undefined) return ''
  return `${nameOf(orderKey)}:${sortable(createdAt)}${sortable(orderRank)}`
}

/** Of any text, lone surrogates included. */
function nameOf(orderKey: string): string {
  return createHash('sha256').update(JSON.stringify(orderKey)).digest('hex').slice(0, 40)
}

/** Sixteen hexadecimal digits of which those of the lower number come first. */
function sortable(value: number): string {
  const bytes = Buffer.alloc(8)
  bytes.writeDoubleBE(value === 0 ? 0 : value) // no zero of its own below zero
  const isNegative = ((bytes[0] as number) & 0x80) !== 0
  for (let at = 0; at < 8; at++) bytes[at] = (bytes[at] as number) ^ (isNegative ? 0xff : at === 0 ? 0x80 : 0)
  return bytes.toString('hex')
}
