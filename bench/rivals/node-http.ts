import { serve } from '../servers/serve.ts'
import { isSigned } from './check-signature.ts'
import { dispatch } from './dispatch.ts'

const mostBytes = 2 * 1024 * 1024
const answer = '{"received":true}'
const head = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(answer) }

serve((request, response) => {
  const chunks: Buffer[] = []
  let bytes = 0
  request.on('data', (chunk) => {
    bytes += chunk.length
    if (bytes <= mostBytes) chunks.push(chunk)
    else if (!response.headersSent) response.writeHead(413, { connection: 'close' }).end()
  })
  request.on('end', async () => {
    if (response.headersSent) return
    const body = Buffer.concat(chunks)
    if (!isSigned(body, request.headers['x-sematryx-signature'])) return void response.writeHead(401).end()
    const event = JSON.parse(body.toString())
    response.writeHead(200, head).end(answer)
    await dispatch(event)
  })
})
