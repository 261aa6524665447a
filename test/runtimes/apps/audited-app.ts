import { probeResponse } from '@hookport/conformance'
import { type WaitUntilContext, webWebhooks } from '@hookport/core/web'
import { auditedReceivers } from '@hookport/testkit/audits/audited-receivers'

const receivers = Object.entries(auditedReceivers()).map(
  ([path, receiver]) => [path, webWebhooks(receiver)] as const,
)

/** The audited receivers behind `Request` to `Response`, as any runtime of the Web standard calls it. All is made at module scope. */
export async function fetch(
  request: Request,
  env?: unknown,
  context?: Partial<WaitUntilContext>,
): Promise<Response> {
  const { pathname, searchParams } = new URL(request.url)
  const path = pathname.replace(/\/$/, '')
  if (path === '/json') return Response.json({ parsed: await request.json() })
  if (path === '/probe') {
    // Where timers end with their request, what failed is tried again within the next one.
    context?.waitUntil?.(Promise.all(receivers.map(([, { idle }]) => idle())))
    return new Response(probeResponse(searchParams.get('id')))
  }
  const webhooks = receivers.find(([mountedAt]) => mountedAt === path)?.[1]
  if (!webhooks) return new Response('not found', { status: 404 })
  if (path === '/consumed') await request.arrayBuffer()
  return webhooks.fetch(request, env, context)
}

export default { fetch }
