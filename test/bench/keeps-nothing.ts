import { serve } from '../../bench/servers/serve.ts'

/** Answers 200 at once, and forgets what it was sent. */
serve((request, response) => {
  request.resume().on('end', () => response.writeHead(200, { 'content-length': 2 }).end('{}'))
})
