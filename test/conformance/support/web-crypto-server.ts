import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Readable } from 'node:stream'

// As on an edge runtime: no module of Node's can be had at run time. To be done before core is loaded.
Object.defineProperty(process, 'getBuiltinModule', { value: undefined })
const { webWebhooks } = await import('@hookport/core/web')
const { probeResponse } = await import('@hookport/conformance')
const { auditedReceivers } = await import('@hookport/testkit/audits/audited-receivers')

let signed = 0
const sign = crypto.subtle.sign.bind(crypto.subtle)
crypto.subtle.sign = (...args) => {
  signed += 1
  return sign(...args)
}

type FetchHandler = (request: Request) => Response | Promise<Response>

const routes = new Map<string, FetchHandler>([
  ['/json', async (request) => Response.json({ parsed: await request.json() })],
  ['/probe', ({ url }) => new Response(probeResponse(new URL(url).searchParams.get('id')))],
  ['/signed', () => Response.json(signed)],
])
for (const [path, receiver] of Object.entries(auditedReceivers())) {
  const receive = webWebhooks(receiver)
  routes.set(path, async (request) => {
    if (path === '/consumed') await request.arrayBuffer()
    return receive(request)
  })
}

const server = createServer(async (incoming, outgoing) => {
  const request = toRequest(incoming)
  const path = new URL(request.url).pathname.replace(/\/$/, '')
  const response = (await routes.get(path)?.(request)) ?? new Response('not found', { status: 404 })
  outgoing.writeHead(response.status, Object.fromEntries(response.headers)).end(await response.text())
})
server.listen(0, '127.0.0.1', () => {
  process.stdout.write(`http://127.0.0.1:${(server.address() as AddressInfo).port}\n`)
})

/** All of a request but its connection, as a platform of the Web standard hands it over. */
function toRequest(incoming: IncomingMessage): Request {
  const { method = '', url = '', headersDistinct } = incoming
  const headers = Object.entries(headersDistinct).flatMap(([name, values = []]) =>
    values.map((value): [string, string] => [name, value]),
  )
  const bodiless = method === 'GET' || method === 'HEAD'
  const body = bodiless ? {} : { body: Readable.toWeb(incoming) as ReadableStream, duplex: 'half' as const }
  return new Request(`http://localhost${url}`, { method, headers, ...body })
}
