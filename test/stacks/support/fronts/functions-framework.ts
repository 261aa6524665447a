import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { getTestServer } from '@google-cloud/functions-framework/testing'

/** What takes requests for Google's functions answers 413 itself to more than 32 MB. */
const maxBytes = 32 * 1024 * 1024

process.env.FUNCTION_TARGET = 'sematryx' // as the framework's command has it

/** Serves the function that was registered last, by the framework itself. */
export async function serve(): Promise<string> {
  const framework = getTestServer('sematryx')
  const server = createServer((request, response) => {
    if (Number(request.headers['content-length']) > maxBytes)
      response.writeHead(413, { connection: 'close' }).end()
    else framework.emit('request', request, response)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}
