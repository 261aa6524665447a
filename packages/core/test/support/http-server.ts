import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { onTestFinished } from 'vitest'

/** A real server on a free port, which ends with the test. Returns the port. */
export async function listen(listener: RequestListener): Promise<number> {
  const server = createServer(listener).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return (server.address() as AddressInfo).port
}

/** A connection of which every byte is the test's to write; it ends with the test. */
export async function openSocket(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1').setNoDelay().on('error', ignore)
  await once(socket, 'connect')
  onTestFinished(() => {
    socket.destroy()
  })
  return socket
}

/** A server may reset a connection whose test has what it wanted. */
function ignore(): void {}

/** The head of a POST, its lines as given. */
export function head(...lines: string[]): string {
  return `${['POST /hooks/acme HTTP/1.1', 'Host: localhost', ...lines].join('\r\n')}\r\n\r\n`
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

/** The statuses of the first so many responses. */
export async function readStatuses(socket: Socket, howMany: number): Promise<number[]> {
  let text = ''
  let statuses: number[] = []
  for await (const chunk of socket) {
    text += chunk
    statuses = [...text.matchAll(/HTTP\/1\.1 (\d+)/g)].map(([, status]) => Number(status))
    if (statuses.length === howMany) break
  }
  return statuses
}
