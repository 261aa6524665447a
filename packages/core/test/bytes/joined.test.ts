import { expect, test } from 'vitest'
import { joined } from '../../src/bytes/joined.ts'

const content = Uint8Array.of(0, 255, 10)

test.each([
  ['before', 'v0:\u00fc.', ''],
  ['after', '', '.\u00fc'],
  ['before and after', 'v0:', '.end'],
])('text stands %s the bytes', (_, prefix, suffix) => {
  const whole = Buffer.from(joined(prefix, content, suffix))
  expect(whole).toEqual(Buffer.concat([Buffer.from(prefix), content, Buffer.from(suffix)]))
})

test('without text, nothing is copied', () => {
  expect(joined('', content)).toBe(content)
})
