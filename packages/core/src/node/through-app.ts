import { once } from 'node:events'
import { createServer, type RequestListener, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { SendProbe } from '../contracts/receiver/probe.ts'

/**
 * Sends self-test probes through the whole application, over a real socket: `await webhooks.selfTest(throughApp(app, '/webhooks/sematryx'))`. The
 * application is served on a free port of the loopback interface for as long as that takes.
 */
export function throughApp(app: RequestListener, path: string): SendProbe {
  return async ({ method, headers, body, signal }) => {
    const server = createServer(app).listen(0, '127.0.0.1')
    await once(server, 'listening')
    try {
      const { port } = server.address() as AddressInfo
      const outgoing = request({
        host: '127.0.0.1',
        port,
        path,
        method,
        headers,
        agent: false,
        ...(signal && { signal }),
      }).end(body)
      const [response] = await once(outgoing, 'response')
      response.resume()
      return { status: response.statusCode }
    } finally {
      server.closeAllConnections()
      server.close()
    }
  }
}
