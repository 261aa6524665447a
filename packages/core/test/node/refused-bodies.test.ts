import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { nodeWebhooks } from '@hookport/core/node'
import { manualClock } from '@hookport/core/testing'
import { describe, expect, onTestFinished, test, vi } from 'vitest'
import { head, inChunks, sign } from '../support/acme.ts'
import { acmeReceiver, paidOrder, start } from '../support/acme-receiver.ts'
import { listen, openSocket, readResponse } from '../support/raw-socket.ts'

const body = Buffer.from(JSON.stringify(paidOrder(start, { note: 'größer als 🦖' })))
const signature = sign(body)

/** A receiver behind a real server, whose limit is as long as the body. Returns the port. */
async function serve(): Promise<{ port: number }> {
  return { port: await listen(nodeWebhooks(acmeReceiver({ maxBodyBytes: body.length }).receiver)) }
}

describe.each(['content-length', 'chunked'] as const)('a body that is too large, framed by %s', (framing) => {
  /** A large body, written to the end before the reply is looked at, as many clients do. */
  async function writeAll(socket: Socket, bytes: number): Promise<void> {
    const large = Buffer.alloc(bytes, 'x')
    socket.pause()
    if (framing === 'content-length') {
      socket.write(head(`X-Acme-Signature: ${signature}`, `Content-Length: ${large.length}`))
      await new Promise((resolve) => socket.write(large, resolve))
    } else {
      socket.write(head(`X-Acme-Signature: ${signature}`, 'Transfer-Encoding: chunked'))
      const chunks = inChunks(large, 1024 * 1024).map((chunk) => Buffer.from(chunk, 'latin1'))
      await new Promise((resolve) => socket.write(Buffer.concat(chunks), resolve))
    }
  }

  test('is discarded as it comes: its sender can write it to the end, has its reply, and the connection is closed', async () => {
    const { port } = await serve()
    for (let time = 0; time < 5; time++) {
      const socket = await openSocket(port)
      await writeAll(socket, 10 * 1024 * 1024)
      const { status, text } = await readResponse(socket)
      expect(status).toBe(413)
      expect(text).toMatch(/^connection: close$/im)
      if (!socket.destroyed) await once(socket, 'close')
    }
  })

  test('is discarded though another reader has paused the request before the reply is written', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] }) // it is not given up after 5 s
    onTestFinished(() => void vi.useRealTimers())
    const webhooks = nodeWebhooks(acmeReceiver({ maxBodyBytes: body.length }).receiver)
    const port = await listen((request, response) => {
      const { end } = response
      response.end = function (this: typeof response, ...given: Parameters<typeof end>) {
        request.pause()
        return end.apply(this, given)
      } as typeof end
      void webhooks(request, response)
    })
    const socket = await openSocket(port)
    await writeAll(socket, 10 * 1024 * 1024)
    expect(await readResponse(socket)).toMatchObject({ status: 413 })
    if (!socket.destroyed) await once(socket, 'close')
  })

  test('of which more than 32 MiB still come is not listened to for longer', async () => {
    const webhooks = nodeWebhooks(acmeReceiver({ maxBodyBytes: body.length }).receiver)
    const accepted: Socket[] = []
    const port = await listen((request, response) => {
      accepted.push(request.socket)
      void webhooks(request, response)
    })
    const socket = await openSocket(port)
    await writeAll(socket, 60 * 1024 * 1024)
    socket.resume()
    if (!socket.destroyed) await once(socket, 'close')
    await vi.waitUntil(() => accepted[0]?.destroyed, 10_000)
    expect(accepted[0]?.bytesRead).toBeGreaterThan(32 * 1024 * 1024)
    expect(accepted[0]?.bytesRead).toBeLessThan(34 * 1024 * 1024)
  })
})

test('a refused body that does not end is listened to for 5 s', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  onTestFinished(() => void vi.useRealTimers())
  const { port } = await serve()
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true }).on('error', () => {})
  onTestFinished(() => void socket.destroy())
  const closed = vi.fn()
  socket.on('close', closed)
  socket.write(head(`X-Acme-Signature: ${signature}`, 'Transfer-Encoding: chunked'))
  for (const chunk of inChunks(Buffer.alloc(body.length + 1), 50).slice(0, -1)) socket.write(chunk, 'latin1')
  const [reply] = await once(socket, 'data')
  expect(String(reply)).toContain('413')
  await once(socket.resume(), 'end')
  const drip = async () => {
    for (let turn = 0; turn < 50; turn++) {
      socket.write('1\r\nx\r\n')
      await new Promise((resolve) => setImmediate(resolve))
    }
  }
  await drip()
  vi.advanceTimersByTime(4_900)
  await drip()
  expect(closed).not.toHaveBeenCalled()
  vi.advanceTimersByTime(100)
  await vi.waitUntil(() => drip().then(() => closed.mock.calls.length > 0), 10_000)
})

test('a refused body is discarded though an earlier one of its connection was refused in vain, as something else had answered', async () => {
  const clock = manualClock(start)
  const webhooks = nodeWebhooks(acmeReceiver({ clock, maxBodyBytes: body.length }).receiver)
  const refused: Promise<void>[] = []
  const port = await listen((request, response) => {
    if (refused.length === 0) response.writeHead(503, { 'content-length': 0 }).end()
    refused.push(webhooks(request, response))
  })
  const socket = await openSocket(port)
  socket.write(head(`X-Acme-Signature: ${signature}`, `Content-Length: ${body.length}`))
  expect(String((await once(socket, 'data'))[0])).toContain('503')
  await clock.advance(60_000)
  await refused[0]
  socket.pause().write(body)
  const large = Buffer.alloc(10 * 1024 * 1024, 'x')
  socket.write(head(`X-Acme-Signature: ${signature}`, `Content-Length: ${large.length}`))
  await new Promise((resolve) => socket.write(large, resolve))
  expect(await readResponse(socket)).toMatchObject({ status: 413 })
})
