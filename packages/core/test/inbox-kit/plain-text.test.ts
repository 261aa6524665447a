import { decodeText, encodeText } from '@hookport/core/inbox-kit'
import { describe, expect, test } from 'vitest'

describe('text for any store', () => {
  test.each([
    ['ordinary text', 'order.paid'],
    ['text of any language', 'é 🪝 中文'],
  ])('%s stays as it is', (_, text) => {
    expect(encodeText(text)).toBe(text)
    expect(decodeText(text)).toBe(text)
  })

  test.each([
    ['a NUL', 'a\u0000b'],
    ['a lone surrogate', 'a\ud83e b'],
    ['quotes and backslashes', '"a\\u0000\\'],
    ['line breaks', 'a\r\nb'],
  ])('%s comes back, though what is stored is plain UTF-8 without control characters', (_, text) => {
    const stored = encodeText(text)
    expect(stored).not.toMatch(/[\p{Control}\p{Surrogate}]/u)
    expect(decodeText(Buffer.from(stored).toString())).toBe(text)
  })

  test('no two texts become one', () => {
    const texts = ['\u0000', '\\u0000', '\\\\u0000', '\ud800', '\ud801', '\ufffd']
    expect(new Set(texts.map(encodeText)).size).toBe(texts.length)
  })
})
