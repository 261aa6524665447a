import { nextWebhooks } from '@hookport/next'
import { receiverAt } from '../../../receiver-at.ts'

interface Context {
  params: Promise<{ receiver: string[] }>
}

/** All receivers but that of `on-receipt`, which has a route of its own as applications have. */
export async function POST(request: Request, { params }: Context): Promise<Response> {
  const path = `/${(await params).receiver.join('/')}` as const
  if (path === '/consumed') await request.arrayBuffer()
  return nextWebhooks(receiverAt(path)).POST(request)
}
