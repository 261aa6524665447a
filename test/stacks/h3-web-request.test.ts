import { once } from 'node:events'
import { connect } from 'node:net'
import { createReceiver } from '@hookport/core'
import { webWebhooks } from '@hookport/core/web'
import { sematryx } from '@hookport/providers/sematryx'
import { serveApp } from '@hookport/testkit/http/serve-and-post'
import { createApp, defineEventHandler, toNodeListener, toWebRequest } from 'h3v1'
import { expect, onTestFinished, test } from 'vitest'

const mib = 1024 * 1024
const megabyte = Buffer.concat([Buffer.from('100000\r\n'), Buffer.alloc(mib, 32), Buffer.from('\r\n')])

/** Sends far more than is listened to. Resolves once the server has closed the connection. */
async function flood(origin: string): Promise<void> {
  const socket = connect(Number(new URL(origin).port), '127.0.0.1').on('error', () => {})
  const closed = once(socket, 'close').catch(() => {})
  socket
    .resume()
    .write(
      `POST / HTTP/1.1\r\nHost: h3\r\nX-Sematryx-Signature: ${'a'.repeat(64)}\r\nTransfer-Encoding: chunked\r\n\r\n`,
    )
  const drained = () => Promise.race([new Promise((resolve) => socket.once('drain', resolve)), closed])
  for (let sent = 0; sent < 60 && !socket.destroyed; sent++) if (!socket.write(megabyte)) await drained()
  socket.destroy()
  await closed
}

test('the request that h3 1 makes of a flood is refused, and nothing is thrown where nobody catches it', async () => {
  const thrown: unknown[] = []
  const keep = (error: unknown) => void thrown.push(error)
  const others = process.listeners('uncaughtException')
  process.removeAllListeners('uncaughtException').on('uncaughtException', keep)
  onTestFinished(() => {
    process.removeAllListeners('uncaughtException')
    for (const other of others) process.on('uncaughtException', other)
  })
  const receive = webWebhooks(createReceiver({ provider: sematryx({ secret: 'secret' }), logger: false }))
  const app = createApp().use(defineEventHandler((event) => receive(toWebRequest(event))))
  const origin = await serveApp(toNodeListener(app))
  await Promise.all(Array.from({ length: 8 }, () => flood(origin)))
  expect(thrown).toEqual([])
  expect((await fetch(origin)).status).toBe(405)
})
