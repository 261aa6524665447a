import { once } from 'node:events'
import {
  createServer,
  type IncomingMessage,
  type RequestListener,
  request,
  type ServerOptions,
} from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import type { SignedDelivery } from '@hookport/sender'
import { onTestFinished } from 'vitest'

/** A real server on a free port, which ends with the test. Returns its origin: `http://127.0.0.1:…`. */
export async function serveApp(app: RequestListener, options: ServerOptions = {}): Promise<string> {
  const server = createServer(options, app).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.close()
    server.closeAllConnections()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

interface HttpReply {
  status: number
  headers: Headers
  body: string
}

/** Sends a delivery over a socket, byte for byte. */
export async function postDelivery(
  url: string,
  { method, headers, body }: SignedDelivery,
): Promise<HttpReply> {
  const response = await fetch(url, { method, headers, body: new Uint8Array(body) })
  return { status: response.status, headers: response.headers, body: await response.text() }
}

export interface HeldDelivery {
  /** Sends the last byte. Resolves with the reply. */
  finish(): Promise<{ status: number | undefined; body: string }>
}

/** Sends a delivery over a new socket, except its last byte. */
export function holdDelivery(url: string, { method, headers, body }: SignedDelivery): HeldDelivery {
  const outgoing = request(url, {
    method,
    agent: false,
    headers: { ...headers, 'Content-Length': String(body.length) },
  })
  const response = once(outgoing, 'response') as Promise<[IncomingMessage]>
  outgoing.write(body.subarray(0, -1))
  return {
    async finish() {
      outgoing.end(body.subarray(-1))
      const [incoming] = await response
      return { status: incoming.statusCode, body: await text(incoming) }
    },
  }
}
