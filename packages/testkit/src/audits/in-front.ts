import type { IncomingMessage, ServerResponse } from 'node:http'
import { buffer, text } from 'node:stream/consumers'
import { holdBody, patchResponse, peekBody } from '@hookport/conformance'

type InFront = (request: IncomingMessage, response: ServerResponse) => unknown

/** What runs before an audited receiver at its path, in a handler of `node:http`. */
const inFront: Readonly<Record<string, InFront>> = {
  '/consumed': (request) => buffer(request),
  '/paused': (request) => void request.pause(),
  '/held': (request) => holdBody(request),
  '/peeked': (request) => peekBody(request),
  '/text': async (request) => Object.assign(request, { rawBody: await text(request) }),
  '/patched': (_request, response) => patchResponse(response),
  '/written': (_request, response) => void response.writeHead(202),
}

/** Runs what comes before the receiver at the path of a request. */
export async function passThrough(
  path: string,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  await inFront[path]?.(request, response)
}
