import { readHexDigest } from '@hookport/core'
import { expect, test } from 'vitest'

test('64 lower-case hex digits stand for 32 bytes, whatever the bytes are', () => {
  for (let first = 0; first < 256; first += 32) {
    const bytes = Uint8Array.from({ length: 32 }, (_, index) => first + index)
    expect(Uint8Array.from(readHexDigest(Buffer.from(bytes).toString('hex')) ?? [])).toEqual(bytes)
  }
})

const digits = '0123456789abcdef'.repeat(4)

test.each([
  ['empty', ''],
  ['one digit short', digits.slice(1)],
  ['one digit long', `${digits}0`],
  ['upper-case', digits.toUpperCase()],
  ['with a blank in front', ` ${digits.slice(1)}`],
  ['with a newline at the end', `${digits}\n`],
  ['with a digit that is none', digits.replace('f', 'g')],
  ['with a digit of another script', digits.replace('0', '\u0660')],
  ['two of them', `${digits}, ${digits}`],
  ['prefixed', `0x${digits.slice(2)}`],
])('text that is %s is no digest', (_, text) => {
  expect(readHexDigest(text)).toBeUndefined()
})
