import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'

/**
 * Does what middleware that watches bodies does: it listens to a request, and pauses it while it is read. It reads nothing of the
 * body. For the application under audit.
 */
export function holdBody(request: IncomingMessage): void {
  request.on('readable', () => {})
  setImmediate(() => request.pause())
}

/** Does what middleware that looks at the first bytes of a body does: it reads them, and puts them back. */
export async function peekBody(request: IncomingMessage): Promise<void> {
  await once(request, 'readable')
  const bytes = request.read()
  if (bytes !== null) request.unshift(bytes)
}
