import { serve } from '../servers/serve.ts'
import { isSigned } from './check-signature.ts'
import { dispatch } from './dispatch.ts'

serve((request, response) => {
  const chunks: Buffer[] = []
  request.on('data', (chunk) => chunks.push(chunk))
  request.on('end', async () => {
    const body = Buffer.concat(chunks)
    if (!isSigned(body, request.headers['x-sematryx-signature'])) return void response.writeHead(401).end()
    const event = JSON.parse(body.toString())
    response.writeHead(200, { 'content-type': 'application/json' }).end('{"received":true}')
    await dispatch(event)
  })
})
