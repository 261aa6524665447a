import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { onTestFinished } from 'vitest'

interface Received {
  method: string | undefined
  rawHeaders: string[]
  body: string
}

export interface TestReceiver {
  url: string
  received: Received[]
  connections(): number
}

/** A real server that records what it gets, answers as told, and ends with the test. */
export async function startReceiver(
  answer: (response: ServerResponse, nth: number, request: IncomingMessage) => void,
): Promise<TestReceiver> {
  const received: Received[] = []
  let connections = 0
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk)
    received.push({
      method: request.method,
      rawHeaders: request.rawHeaders,
      body: Buffer.concat(chunks).toString('latin1'),
    })
    answer(response, received.length, request)
  })
  server.on('connection', () => {
    connections += 1
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  return { url: `http://127.0.0.1:${port}/hook`, received, connections: () => connections }
}

export function answerWith(status: number, headers: Record<string, string> = {}, body = '') {
  return (response: ServerResponse) => {
    response.writeHead(status, headers).end(body)
  }
}
