import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { getRequest, setResponse } from '@sveltejs/kit/node'

type Handler = (event: { request: Request }) => Promise<Response>

/** Calls the functions of a `+server.ts` with what SvelteKit makes of requests of Node's, as `adapter-node` does without a limit of its own. */
export async function serve(exported: Record<string, unknown>): Promise<string> {
  const server = createServer(async (request, response) => {
    const handler = (exported[request.method ?? ''] ?? exported.fallback) as Handler
    const base = 'http://127.0.0.1'
    await setResponse(response, await handler({ request: await getRequest({ request, response, base }) }))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}
