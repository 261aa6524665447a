import { readRawStream, webDelivery } from '@hookport/core/web'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
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

describe('where a reader that is let go of leaves what it was asked for open, as that of @whatwg-node does', () => {
  function silent(): ReadableStream<Uint8Array> {
    const reader = { read: () => new Promise(() => {}), releaseLock() {} }
    const stream: unknown = { getReader: () => reader, locked: false }
    return stream as ReadableStream<Uint8Array>
  }

  test('nothing waits for a body whose time is over', async () => {
    const deadline = new AbortController()
    const reading = readRawStream(silent(), 10, deadline.signal)
    deadline.abort(new Error('too slow'))
    await expect(reading).rejects.toThrow('too slow')
  })

  test('a refusal does not wait for the rest of its body', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    onTestFinished(() => void vi.useRealTimers())
    const head = { method: 'POST', url: 'http://localhost/', headers: new Headers(), bodyUsed: false }
    const request: unknown = { ...head, body: silent(), arrayBuffer() {} }
    const discarding = webDelivery(request as Request, { fixWhenConsumed: '' }).discardRest?.()
    vi.advanceTimersByTime(250)
    expect(await discarding).toBe(true)
    expect(vi.getTimerCount()).toBe(0)
  })
})
