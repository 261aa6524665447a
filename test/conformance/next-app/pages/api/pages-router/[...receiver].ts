import { pagesWebhooks } from '@hookport/next/pages'
import { passThrough } from '@hookport/testkit/audits/in-front'
import type { NextApiRequest, NextApiResponse } from 'next'
import { receiverAt } from '../../../receiver-at.ts'

export const config = { api: { bodyParser: false } }

export default async function handler(request: NextApiRequest, response: NextApiResponse): Promise<void> {
  const path = `/${[request.query.receiver].flat().join('/')}` as const
  await passThrough(path, request, response)
  await pagesWebhooks(receiverAt(path))(request, response)
}
