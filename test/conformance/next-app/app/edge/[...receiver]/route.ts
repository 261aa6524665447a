import { probeResponse } from '@hookport/conformance'
import { nextWebhooks } from '@hookport/next'
import { after } from 'next/server.js'
import { allIdle, receiverAt } from '../../../receiver-at.ts'

export const runtime = 'edge'

interface Context {
  params: Promise<{ receiver: string[] }>
}

async function handle(request: Request, { params }: Context): Promise<Response> {
  const path = `/${(await params).receiver.join('/')}` as const
  if (path === '/json') return Response.json({ parsed: await request.json() })
  if (path === '/probe') {
    after(allIdle)
    return new Response(probeResponse(new URL(request.url).searchParams.get('id')))
  }
  if (path === '/consumed') await request.arrayBuffer()
  return nextWebhooks(receiverAt(path)).POST(request)
}

export { handle as DELETE, handle as GET, handle as OPTIONS, handle as PATCH, handle as POST, handle as PUT }
