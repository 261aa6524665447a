import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import { type AddressInfo, isIPv6 } from 'node:net'
import { buffer } from 'node:stream/consumers'
import { type AuditTarget, localProbe } from '@hookport/conformance'
import { auditedReceivers, type ReceiverPath, targetAt } from '@hookport/testkit/audits/audited-receivers'
import { passThrough } from '@hookport/testkit/audits/in-front'
import { answerWell, type BrokenTwin } from './broken-twins/broken-twin.ts'

/** Serves a twin on `node:http`, in an application with a JSON route. */
export async function startTwin(
  twin: Omit<BrokenTwin, 'caughtBy'>,
  host = '127.0.0.1',
): Promise<{ target: AuditTarget; stop(): Promise<void> }> {
  const server = createServer(application(twin)).listen(0, host)
  await once(server, 'listening')
  const origin = `http://${isIPv6(host) ? `[${host}]` : host}:${(server.address() as AddressInfo).port}`
  return {
    target: targetAt(origin, localProbe),
    async stop() {
      server.close()
      server.closeAllConnections()
    },
  }
}

function application({
  twist,
  answer = answerWell,
  parseJson = parse,
}: Omit<BrokenTwin, 'caughtBy'>): RequestListener {
  const receivers = auditedReceivers('sematryx', twist)
  return async (request, response) => {
    const path = new URL(request.url ?? '', 'http://localhost').pathname.replace(/\/$/, '') as ReceiverPath
    if (path === '/json') {
      return void response.end(JSON.stringify({ parsed: parseJson(await buffer(request)) }))
    }
    await passThrough(path, request, response)
    const receiver = receivers[path]
    if (receiver) await answer(request, response, receiver, path)
    else response.writeHead(404).end()
  }
}

function parse(body: Buffer): unknown {
  return JSON.parse(body.toString())
}
