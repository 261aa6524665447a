import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface FrontReply {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>> | undefined
  readonly body: Uint8Array
}

type Answer = (request: IncomingMessage, body: Buffer) => Promise<FrontReply>

/** Serves HTTP as platforms do that read the whole body before they call a function, and answer 413 themselves to one over `maxBytes`. */
export async function serveFront(maxBytes: number, answer: Answer): Promise<string> {
  const server = createServer((request, response) => {
    pass(request, response, maxBytes, answer).catch(() => request.destroy()) // the client hung up, or the function failed
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

async function pass(
  request: IncomingMessage,
  response: ServerResponse,
  maxBytes: number,
  answer: Answer,
): Promise<void> {
  if (Number(request.headers['content-length']) > maxBytes) {
    response.writeHead(413, { connection: 'close' }).end()
    return
  }
  const { status, headers, body } = await answer(request, Buffer.concat(await request.toArray()))
  response.writeHead(status, headers).end(body)
}
