import { crc32 as zlibCrc32 } from 'node:zlib'
import { expect, test } from 'vitest'
import { crc32, tableCrc32 } from '../../src/bytes/crc32.ts'

test.each([crc32, tableCrc32])('the check value of the CRC catalogue', (checksum) => {
  expect(checksum(Buffer.from('123456789'))).toBe(0xcbf43926)
  expect(checksum(new Uint8Array())).toBe(0)
})

test('the table answers as Node does, so that runtimes can share an inbox', () => {
  for (let length = 0; length < 300; length++) {
    const content = Uint8Array.from({ length }, (_, index) => (index * 167 + length * 31) & 0xff)
    expect(tableCrc32(content)).toBe(zlibCrc32(content))
  }
})
