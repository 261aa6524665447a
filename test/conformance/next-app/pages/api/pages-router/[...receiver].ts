import { text } from 'node:stream/consumers'
import { patchResponse } from '@hookport/conformance'
import { pagesWebhooks } from '@hookport/next/pages'
import type { NextApiRequest, NextApiResponse } from 'next'
import { receiverAt } from '../../../receiver-at.ts'

export const config = { api: { bodyParser: false } }

export default async function handler(request: NextApiRequest, response: NextApiResponse): Promise<void> {
  const path = `/${[request.query.receiver].flat().join('/')}` as const
  if (path === '/paused') request.pause()
  if (path === '/text') Object.assign(request, { rawBody: await text(request) })
  if (path === '/patched') patchResponse(response)
  await pagesWebhooks(receiverAt(path))(request, response)
}
