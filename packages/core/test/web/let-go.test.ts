import { expect, test, vi } from 'vitest'
import { letGo } from '../../src/web/read-chunk.ts'
import { collectUnhandledRejections, rejectionsReported } from '../support/unhandled-rejections.ts'

test('a body that can be neither let go of nor cancelled leaves nothing unhandled', async () => {
  const rejections = collectUnhandledRejections()
  const fail = () => {
    throw new TypeError('a read is pending')
  }
  const cancel = async () => fail()
  letGo({ releaseLock: fail, cancel } as unknown as ReadableStreamDefaultReader<unknown>)
  await rejectionsReported()
  expect(rejections).toEqual([])
})

test('a body that can not be let go of is cancelled, and so is not kept', () => {
  const fail = () => {
    throw new TypeError('a read is pending')
  }
  const cancel = vi.fn(async () => {})
  letGo({ releaseLock: fail, cancel } as unknown as ReadableStreamDefaultReader<unknown>)
  expect(cancel).toHaveBeenCalledTimes(1)
})
