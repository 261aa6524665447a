import type { Agent as HttpAgent, IncomingMessage } from 'node:http'
import { request as httpRequest } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { explainFailure } from './explain-failure.ts'
import { type Pace, writeBody } from './write-body.ts'

/** A request to post: a signed delivery, or a delivery that a test has changed. */
export interface OutgoingRequest {
  /** Defaults to POST. */
  method?: string | undefined
  /** Sent with these names, in this order and case. `Host`, `Connection` and `Content-Length` are added. */
  headers: Record<string, string>
  body: Uint8Array
  /** How the body is written. Defaults to all at once. */
  pace?: Pace | undefined
}

export interface AttemptTarget {
  url: URL
  agent: HttpAgent
  timeoutMs: number
  /** Cuts the attempt off when it is aborted. */
  signal: AbortSignal
}

/** The result of one request. */
export interface Answer {
  /** The status of the reply, or null without one. */
  status: number | null
  /** What went wrong besides the status: no complete reply, or a redirect, which is not followed. Otherwise null. */
  error: string | null
  /** From the start of the attempt to the end of its reply, in real ms. */
  durationMs: number
  /** The first 16 KiB of the reply's body, if there was a reply. */
  responseBody?: string
  /** The reply's `Retry-After`, as sent. It is only recorded, as neither provider respects it. */
  retryAfter?: string
}

const keptResponseBytes = 16 * 1024

/**
 * Makes one request, which takes at most `timeoutMs` from connecting to the last byte of the reply. Resolves whatever the network does. Rejects with
 * `TypeError` for headers or a method that are invalid in HTTP.
 */
export function sendAttempt(target: AttemptTarget, outgoing: OutgoingRequest): Promise<Answer> {
  const { url, agent, timeoutMs, signal } = target
  return new Promise((resolve) => {
    const startedAt = performance.now()
    const kept: Buffer[] = []
    let reply: IncomingMessage | undefined

    const send = url.protocol === 'https:' ? httpsRequest : httpRequest
    const request = send(url, { method: outgoing.method ?? 'POST', headers: outgoing.headers, agent })
    const timer = setTimeout(() => cutOff(`timed out after ${timeoutMs} ms`), timeoutMs)
    const onAbort = () => cutOff('sender closed')
    signal.addEventListener('abort', onAbort)

    const settle = (error: string | null) => {
      clearTimeout(timer)
      signal.removeEventListener('abort', onAbort)
      resolve(toAnswer(reply, kept, error, performance.now() - startedAt))
    }
    const cutOff = (reason: string) => {
      settle(reason)
      request.destroy()
    }
    const fail = (error: Error) => settle(explainFailure(error))

    request.on('error', fail)
    request.on('response', (response) => {
      reply = response
      keepFirstBytes(response, kept)
      response.on('end', () => settle(redirectError(response)))
      response.on('error', fail)
    })
    writeBody(request, outgoing.body, outgoing.pace ?? {}, () => cutOff('body aborted on purpose'))
  })
}

/** Reads everything to the end, so that the connection can be used again, and keeps the beginning. */
function keepFirstBytes(response: IncomingMessage, kept: Buffer[]): void {
  let room = keptResponseBytes
  response.on('data', (chunk: Buffer) => {
    if (room > 0) kept.push(chunk.subarray(0, room))
    room -= chunk.length
  })
}

function redirectError(response: IncomingMessage): string | null {
  const { statusCode = 0, headers } = response
  const redirected = statusCode >= 300 && statusCode < 400 && headers.location !== undefined
  return redirected ? `redirect to ${headers.location} not followed` : null
}

function toAnswer(
  reply: IncomingMessage | undefined,
  kept: Buffer[],
  error: string | null,
  durationMs: number,
): Answer {
  if (reply === undefined) return { status: null, error, durationMs }
  const retryAfter = reply.headers['retry-after']
  return {
    status: reply.statusCode ?? null,
    error,
    durationMs,
    responseBody: Buffer.concat(kept).toString('utf8'),
    ...(retryAfter === undefined ? {} : { retryAfter }),
  }
}
