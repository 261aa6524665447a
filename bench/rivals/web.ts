import { getRequestListener } from '@hono/node-server'
import { serve } from '../servers/serve.ts'
import { isSigned } from './check-signature.ts'
import { dispatch } from './dispatch.ts'

const mostBytes = 2 * 1024 * 1024

/** It trusts the length that is announced, which Node holds a sender to, and takes no body without one. */
async function handle(request: Request): Promise<Response> {
  const length = Number(request.headers.get('content-length') ?? Number.NaN)
  if (!(length <= mostBytes)) return new Response(null, { status: 413 })
  const body = Buffer.from(await request.arrayBuffer())
  if (!isSigned(body, request.headers.get('x-sematryx-signature'))) return new Response(null, { status: 401 })
  const event = JSON.parse(body.toString())
  setImmediate(() => dispatch(event))
  return Response.json({ received: true })
}
serve(getRequestListener(handle))
