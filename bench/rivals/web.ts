import { getRequestListener } from '@hono/node-server'
import { serve } from '../servers/serve.ts'
import { isSigned } from './check-signature.ts'
import { dispatch } from './dispatch.ts'

async function handle(request: Request): Promise<Response> {
  const body = Buffer.from(await request.arrayBuffer())
  if (!isSigned(body, request.headers.get('x-sematryx-signature'))) return new Response(null, { status: 401 })
  const event = JSON.parse(body.toString())
  setImmediate(() => dispatch(event))
  return Response.json({ received: true })
}
serve(getRequestListener(handle))
