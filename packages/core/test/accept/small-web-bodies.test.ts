import { runInNewContext } from 'node:vm'
import { webWebhooks } from '@hookport/core/web'
import { expect, test, vi } from 'vitest'
import { sign } from '../support/acme.ts'
import { acmeReceiver, paidOrder, start } from '../support/acme-receiver.ts'

const text = JSON.stringify(paidOrder(start))
const bytes = new TextEncoder().encode(text)

/** A request as platforms hand it on: it announces its length, whatever then comes. */
function announcing(length: number, body: string | ReadableStream): Request {
  const headers = { 'x-acme-signature': sign(text), 'content-length': String(length) }
  const init: RequestInit = { method: 'POST', body, duplex: 'half', headers }
  return new Request('http://acme.example/hooks', init)
}

function stream(...steps: (Uint8Array | string | Error)[]): ReadableStream {
  return new ReadableStream({
    pull(sent) {
      const step = steps.shift()
      if (step instanceof Error) sent.error(step)
      else if (step !== undefined) sent.enqueue(step)
    },
  })
}

async function answer(request: Request, options: Parameters<typeof acmeReceiver>[0] = {}) {
  const { receiver, log } = acmeReceiver(options)
  const response = await webWebhooks(receiver)(request)
  return { status: response.status, reply: await response.json(), log: log.text() }
}

test('a body that announces at most 64 KiB is read in one go, and a longer one piece by piece', async () => {
  const inOneGo = vi.spyOn(Request.prototype, 'arrayBuffer')
  expect(await answer(announcing(bytes.length, text))).toMatchObject({ status: 200 })
  expect(inOneGo).toHaveBeenCalledTimes(1)
  await answer(announcing(64 * 1024 + 1, text))
  expect(inOneGo).toHaveBeenCalledTimes(1)
  inOneGo.mockRestore()
})

test('one that is longer than it announces, and than may be, is refused', async () => {
  expect(await answer(announcing(5, text), { maxBodyBytes: 20 })).toMatchObject({
    status: 413,
    reply: { error: 'payload_too_large' },
  })
})

test('one whose sender hangs up is aborted, however it is read, and the log has what the platform said of it', async () => {
  for (const length of [bytes.length, 64 * 1024 + 1]) {
    const body = stream(bytes.subarray(0, 9), new Error('ECONNRESET'))
    expect(await answer(announcing(length, body))).toMatchObject({
      status: 400,
      reply: { error: 'request_aborted' },
      log: expect.stringContaining('ECONNRESET'),
    })
  }
})

test('those that another copy of the package is reading count too', async () => {
  const maxBytesInFlight = 2 * 400 * bytes.length
  vi.resetModules()
  const other = await import('@hookport/core/web')
  expect(other.webWebhooks).not.toBe(webWebhooks)
  const inOneGo = vi.spyOn(Request.prototype, 'arrayBuffer')
  const body = new ReadableStream({
    start(sent) {
      sent.enqueue(bytes)
      setTimeout(() => sent.close(), 50)
    },
  })
  const slow = webWebhooks(acmeReceiver({ maxBytesInFlight }).receiver)(announcing(bytes.length, body))
  await new Promise((resolve) => setImmediate(resolve))
  const { receiver } = acmeReceiver({ maxBytesInFlight })
  const reply = await other.webWebhooks(receiver)(announcing(bytes.length, text))
  expect(inOneGo).toHaveBeenCalledTimes(1)
  expect([reply.status, (await slow).status]).toEqual([200, 200])
  inOneGo.mockRestore()
})

test('one that was read before, or is being read, is misconfigured', async () => {
  const read = announcing(bytes.length, text)
  await read.text()
  const held = announcing(bytes.length, text)
  held.body?.getReader()
  const ofSandbox = announcing(bytes.length, text) // whose errors of Node are of another class
  const unusable = runInNewContext("new TypeError('Body is unusable: Body has already been read')")
  Object.defineProperty(ofSandbox, 'arrayBuffer', { value: () => Promise.reject(unusable) })
  for (const request of [read, held, ofSandbox]) {
    const { status, log } = await answer(request)
    expect(status).toBe(500)
    expect(log).toContain('before anything reads its body')
  }
})

test('one that is a stream of text by now is misconfigured, with its fix', async () => {
  const { status, log } = await answer(announcing(bytes.length, stream(text)))
  expect(status).toBe(500)
  expect(log).toContain('pass the request on unchanged')
})

test('bodies that are read in one go take up half of maxBytesInFlight at most, in memory, were each of their bytes a piece', async () => {
  const inOneGo = vi.spyOn(Request.prototype, 'arrayBuffer')
  const { receiver, clock } = acmeReceiver({ maxBytesInFlight: 400 * 1_000, bodyTimeout: 50 })
  const webhooks = webWebhooks(receiver)
  const slow = [1, 2, 3].map(() => webhooks(announcing(200, stream(bytes.subarray(0, 9)))))
  expect(inOneGo).toHaveBeenCalledTimes(2)
  await clock.advance(50)
  const statuses = (await Promise.all(slow)).map(({ status }) => status)
  expect(statuses).toEqual([408, 408, 408])
  inOneGo.mockRestore()
})

test('those whose time is over leave room for others, though most platforms never end what was asked for', async () => {
  const { receiver, clock } = acmeReceiver({ maxBytesInFlight: 2 * 400 * 200, bodyTimeout: 50 })
  const webhooks = webWebhooks(receiver)
  const slow = webhooks(announcing(200, stream(bytes.subarray(0, 9))))
  await clock.advance(50)
  expect((await slow).status).toBe(408)
  const inOneGo = vi.spyOn(Request.prototype, 'arrayBuffer')
  void webhooks(announcing(200, stream(bytes.subarray(0, 9))))
  expect(inOneGo).toHaveBeenCalledOnce()
  inOneGo.mockRestore()
})
