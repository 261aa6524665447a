import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'

/**
 * Does to a request what middleware that keeps an eye on bodies does: listens, and pauses it while it is read. None of the body is
 * read by this. For the application under audit.
 */
export function holdBody(request: IncomingMessage): void {
  request.on('readable', () => {})
  setImmediate(() => request.pause())
}

/** Does to a request what middleware does that looks at the first bytes of a body: reads them, and puts them back. */
export async function peekBody(request: IncomingMessage): Promise<void> {
  await once(request, 'readable')
  const bytes = request.read()
  if (bytes !== null) request.unshift(bytes)
}
