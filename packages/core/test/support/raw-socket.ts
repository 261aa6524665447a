import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { serveApp } from '@hookport/testkit/http/serve-and-post'
import { onTestFinished } from 'vitest'

/** A real server on a free port, which ends with the test. Returns the port. */
export async function listen(listener: Parameters<typeof serveApp>[0]): Promise<number> {
  return Number(new URL(await serveApp(listener)).port)
}

/** A connection of which every byte is the test's to write and to read; it ends with the test. */
export async function openSocket(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1')
    .setNoDelay()
    .on('error', () => {}) // a server may reset a connection whose test has what it wanted
  await once(socket, 'connect')
  onTestFinished(() => void socket.destroy())
  return socket
}

/** The status of the first response to come back, and everything that came with it. */
export async function readResponse(socket: Socket): Promise<{ status: number; text: string }> {
  let text = ''
  for await (const chunk of socket) {
    text += chunk
    const { length } = /content-length: (?<length>\d+)/i.exec(text)?.groups ?? {}
    const bodyAt = text.indexOf('\r\n\r\n') + 4
    if (length !== undefined && bodyAt >= 4 && text.length >= bodyAt + Number(length)) break
  }
  return { status: Number(text.slice(9, 12)), text }
}
