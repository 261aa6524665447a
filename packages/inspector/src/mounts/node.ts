import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Logger } from '@hookport/core'
import type { Surroundings } from '../arrival.ts'
import { endsOf } from './ends-of.ts'

/** Answers a request of the Web standard. Never rejects. */
type Handle = (request: Request, surroundings: Surroundings) => Promise<Response>

/** A request of Node, and what frameworks add to it. */
export type NodeRequest = IncomingMessage & {
  readonly originalUrl?: string
  /** The result of a body parser that ran before. */
  readonly body?: unknown
}

/** What answers, and where it says that an answer could not be written. */
export interface Answering {
  readonly handle: Handle
  readonly logger: Logger
}

/**
 * For handlers that are called like those of `node:http`. Never rejects. An answer that can't be written, as something has patched the response, goes
 * to `next`, or else to the log.
 */
export async function answerNode(
  { handle, logger }: Answering,
  request: NodeRequest,
  response: ServerResponse,
  next?: (error?: unknown) => void,
  native: unknown = request,
): Promise<void> {
  try {
    const leaving = new AbortController()
    response.once('close', () => leaving.abort())
    if (isClosed(response)) leaving.abort()
    const asked = webRequest(request, leaving.signal)
    const answer = asked
      ? await handle(asked, { ...endsOf(request.socket), native })
      : new Response(null, { status: 400 })
    letServerClose(answer, request, response)
    await write(answer, request.method, response, leaving.signal)
  } catch (error) {
    answerFailed(error, response, logger, next)
  }
}

function answerFailed(
  err: unknown,
  response: ServerResponse,
  logger: Logger,
  next: ((error?: unknown) => void) | undefined,
): void {
  try {
    if (next) {
      next(err)
      return
    }
  } catch {} // the error handling of the framework failed on the same response
  logger.error({ err }, 'an answer of the inspector could not be written')
  try {
    response.destroy()
  } catch {}
}

/** Whoever asked may have left while middleware had the request: a response does not say so again. One of HTTP/2 says it by its stream. */
function isClosed(response: ServerResponse & { readonly stream?: { readonly destroyed: boolean } }): boolean {
  return response.destroyed || response.stream?.destroyed === true
}

/** Undefined for requests that the Web standard can't represent, but strangers can send: an invalid host, a `TRACE`. */
function webRequest(request: NodeRequest, signal: AbortSignal): Request | undefined {
  try {
    return madeRequest(request, signal)
  } catch {
    return undefined
  }
}

function madeRequest(request: NodeRequest, signal: AbortSignal): Request {
  const { method = 'GET', headers, socket } = request
  const scheme = 'encrypted' in socket && socket.encrypted ? 'https' : 'http'
  const path = request.originalUrl ?? request.url ?? '/'
  // HTTP/2 has its own name for the host, and other names that `Headers` does not accept.
  const host = headers[':authority'] ?? headers.host
  const url = new URL(`${scheme}://${host ?? 'localhost'}/`)
  const [pathname = '/', ...query] = path.replace(/^[a-z]+:\/\/[^/]*/i, '').split('?')
  url.pathname = pathname
  url.search = query.join('?')
  const hasBody = method !== 'GET' && method !== 'HEAD'
  return new Request(url, {
    method,
    signal,
    headers: Object.entries({ ...headers, host }).flatMap(([name, value]) =>
      name.startsWith(':') ? [] : [value ?? []].flat().map((one): [string, string] => [name, one]),
    ),
    ...(hasBody && { body: bodyOf(request), duplex: 'half' }),
  } as RequestInit)
}

/** The bytes, or the result of a parser that has already read them. Parsers of Express 4 leave an empty object of what they have not read. */
function bodyOf(request: NodeRequest): string | Uint8Array | ReadableStream {
  const body = request.readableDidRead === false ? undefined : request.body
  if (typeof body === 'string' || body instanceof Uint8Array) return body
  if (typeof body === 'object' && body !== null) return JSON.stringify(body)
  return ReadableStream.from(request)
}

/**
 * Live updates end their connection, and so does every answer once the server no longer listens. `server.close()` waits for connections, and one on
 * which an open page always has another question is never idle. HTTP/2 has no `Connection`.
 */
function letServerClose({ headers }: Response, request: NodeRequest, response: ServerResponse): void {
  if (response.headersSent || request.httpVersionMajor !== 1) return
  const { server } = request.socket as { server?: { listening?: boolean } | null }
  const isLive = headers.get('content-type') === 'text/event-stream'
  if (isLive || server?.listening === false) response.setHeader('connection', 'close')
}

async function write(
  answer: Response,
  method: string | undefined,
  response: ServerResponse,
  signal: AbortSignal,
): Promise<void> {
  if (response.headersSent) return
  response.statusCode = answer.status
  const cookies = answer.headers.getSetCookie()
  for (const [name, value] of answer.headers) if (name !== 'set-cookie') response.setHeader(name, value)
  if (cookies.length > 0) response.setHeader('set-cookie', cookies)
  if (method === 'HEAD' || answer.body === null) {
    await response.end()
    return
  }
  const reader = answer.body.getReader()
  const leave = () => void reader.cancel().catch(() => {})
  if (signal.aborted) leave()
  signal.addEventListener('abort', leave, { once: true })
  for (;;) {
    const { done, value } = await reader.read()
    if (done || signal.aborted) break
    response.write(value)
  }
  await response.end() // a promise where it was patched
}
