import { nodeBuiltin } from './node-builtin.ts'

/** CRC-32 as in zlib and Ethernet. It uses Node's own where there is one, else a table. */
export const crc32: (content: Uint8Array) => number = nodeBuiltin('node:zlib')?.crc32 ?? tableCrc32

let table: Uint32Array | undefined

/** Exported for tests. */
export function tableCrc32(content: Uint8Array): number {
  table ??= Uint32Array.from({ length: 256 }, (_, byte) => remainderOf(byte))
  let crc = 0xffffffff
  for (const byte of content) crc = (crc >>> 8) ^ (table[(crc ^ byte) & 0xff] as number)
  return (crc ^ 0xffffffff) >>> 0
}

function remainderOf(byte: number): number {
  let remainder = byte
  for (let bit = 0; bit < 8; bit++) remainder = (remainder >>> 1) ^ (remainder & 1 ? 0xedb88320 : 0)
  return remainder >>> 0
}
