import { readRawStream, webDelivery } from '@hookport/core/web'
import { afterEach, beforeEach, expect, type Mock, test, vi } from 'vitest'

const mib = 1024 * 1024
const tooLarge = { code: 'payload_too_large' }

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }))
afterEach(() => void vi.useRealTimers())

/** A body of more than 10 bytes, of which more comes as the test says, and whether it is read in time. */
function largeBody() {
  let controller!: ReadableStreamDefaultController<Uint8Array>
  const cancelled = vi.fn()
  const stream = new ReadableStream<Uint8Array>({
    start(given) {
      controller = given
      controller.enqueue(new Uint8Array(11))
    },
    cancel: cancelled,
  })
  return { stream, controller, cancelled }
}

function watch(reading: Promise<Uint8Array>) {
  const failed = vi.fn()
  reading.catch(failed)
  return failed
}

/** A platform that is told of a cancelled body may destroy its request, and the reply with it. */
function expectLetGo(stream: ReadableStream, cancelled: Mock): void {
  expect([stream.locked, cancelled.mock.calls]).toEqual([false, []])
}

const turns = async () => {
  for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve))
}

/** A byte comes after 200 ms, and nothing in the next 249. */
async function almostTooLong(controller: ReadableStreamDefaultController<Uint8Array>): Promise<void> {
  await turns()
  vi.advanceTimersByTime(200)
  controller.enqueue(new Uint8Array(1))
  await turns()
  vi.advanceTimersByTime(249)
  await turns()
}

test('a refused body is read to its end before it is refused', async () => {
  const { stream, controller } = largeBody()
  const refused = watch(readRawStream(stream, 10))
  controller.enqueue(new Uint8Array(mib))
  await turns()
  expect(refused).not.toHaveBeenCalled()
  controller.close()
  await turns()
  expect(refused).toHaveBeenCalledWith(expect.objectContaining(tooLarge))
  expect(vi.getTimerCount()).toBe(0)
})

test('one of which nothing comes for 250 ms is refused then, and let go', async () => {
  const { stream, controller, cancelled } = largeBody()
  const refused = watch(readRawStream(stream, 10))
  await almostTooLong(controller)
  expect(refused).not.toHaveBeenCalled()
  vi.advanceTimersByTime(1)
  await turns()
  expect(refused).toHaveBeenCalledWith(expect.objectContaining(tooLarge))
  expectLetGo(stream, cancelled)
  expect(vi.getTimerCount()).toBe(0)
})

test('one that drips on is refused after 2 s', async () => {
  const { stream, controller, cancelled } = largeBody()
  const refused = watch(readRawStream(stream, 10))
  await turns()
  for (let drop = 0; drop < 19; drop++) {
    vi.advanceTimersByTime(100)
    controller.enqueue(new Uint8Array(1))
    await turns()
  }
  expect(refused).not.toHaveBeenCalled()
  vi.advanceTimersByTime(100)
  await turns()
  expect(refused).toHaveBeenCalledWith(expect.objectContaining(tooLarge))
  expectLetGo(stream, cancelled)
})

test('one of which more than 32 MiB come is refused then', async () => {
  const { stream, controller, cancelled } = largeBody()
  const refused = watch(readRawStream(stream, 10))
  for (let number = 0; number < 32; number++) controller.enqueue(new Uint8Array(mib))
  await turns()
  expect(refused).not.toHaveBeenCalled()
  controller.enqueue(new Uint8Array(1))
  await turns()
  expect(refused).toHaveBeenCalledWith(expect.objectContaining(tooLarge))
  expectLetGo(stream, cancelled)
})

test('one that says itself that it is too large is treated in the same way', async () => {
  const { stream, controller } = largeBody()
  const headers = { 'content-length': '11' }
  const init = { method: 'POST', headers, body: stream, duplex: 'half' } as RequestInit
  const delivery = webDelivery(new Request('http://localhost/', init), { fixWhenConsumed: '' })
  const refused = watch(Promise.resolve(delivery.readBody(10)))
  await turns()
  expect(refused).not.toHaveBeenCalled()
  controller.close()
  await turns()
  expect(refused).toHaveBeenCalledWith(expect.objectContaining(tooLarge))
  expect(vi.getTimerCount()).toBe(0)
})

test('a sender that hangs up in the middle of the rest is not waited for', async () => {
  const { stream, controller } = largeBody()
  const refused = watch(readRawStream(stream, 10))
  await turns()
  controller.error(new Error('gone'))
  await turns()
  expect(refused).toHaveBeenCalledWith(expect.objectContaining({ code: 'request_aborted' }))
  expect(vi.getTimerCount()).toBe(0)
})

/** The rest of a body that was refused before anything of it was read, such as one without a signature. */
function discardUnread() {
  const { stream, controller, cancelled } = largeBody()
  const init = { method: 'POST', body: stream, duplex: 'half' } as RequestInit
  const request = new Request('http://localhost/', init)
  const discarded = vi.fn()
  Promise.resolve(webDelivery(request, { fixWhenConsumed: '' }).discardRest?.()).then(discarded)
  return { controller, cancelled, discarded }
}

test('of a body that nothing has read, the rest is discarded to its end', async () => {
  const { controller, discarded } = discardUnread()
  await turns()
  expect(discarded).not.toHaveBeenCalled()
  controller.close()
  await turns()
  expect(discarded.mock.calls).toEqual([[false]])
  expect(vi.getTimerCount()).toBe(0)
})

test('of a body that nothing has read, the rest is given up 250 ms after its last byte, and its connection is closed', async () => {
  const { controller, cancelled, discarded } = discardUnread()
  await almostTooLong(controller)
  expect(discarded).not.toHaveBeenCalled()
  vi.advanceTimersByTime(1)
  await turns()
  expect(discarded.mock.calls).toEqual([[true]])
  expect(cancelled).not.toHaveBeenCalled()
  expect(vi.getTimerCount()).toBe(0)
})
