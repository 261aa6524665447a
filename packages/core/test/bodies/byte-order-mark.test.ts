import { expect, test } from 'vitest'
import { decodeJson } from '../../src/bodies/read-payload.ts'

test('a byte order mark is passed over, and only one at the beginning', () => {
  expect(decodeJson(Buffer.from('\ufeff{"text":"\ufeff"}'))).toEqual({ text: '\ufeff' })
  expect(() => decodeJson(Buffer.from('\ufeff\ufeff{}'))).toThrow(SyntaxError)
})

test('what is not UTF-8 is an error, and not replaced', () => {
  expect(() => decodeJson(Buffer.from([0x22, 0xff, 0x22]))).toThrow(TypeError)
})
