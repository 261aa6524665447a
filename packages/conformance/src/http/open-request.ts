import { type Agent, type IncomingHttpHeaders, type IncomingMessage, request } from 'node:http'
import { text } from 'node:stream/consumers'
import { AuditFailure } from '../audit.ts'

export interface HttpReply {
  readonly status: number
  readonly statusText: string
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

export interface RequestHead {
  readonly method: string
  /** Sent with the given letter case. An array is sent as several headers of one name. */
  readonly headers: Readonly<Record<string, string | string[]>>
  /** Defaults to a separate connection. */
  readonly agent?: Agent | undefined
  readonly patienceMs: number
}

/** A request whose body is sent step by step. It can also send what a stricter client refuses to send. */
export interface OpenRequest {
  /** Resolves once the bytes are on their way, or the connection is gone. */
  write(bytes: Uint8Array): Promise<void>
  end(bytes?: Uint8Array): void
  /** Cuts the connection. */
  abort(): void
  /** May come before the body was sent. Rejects with an AuditFailure if none comes in time. */
  readonly reply: Promise<HttpReply>
}

/** Sends the head of a request at once. */
export function openRequest(url: string, { method, headers, agent, patienceMs }: RequestHead): OpenRequest {
  const outgoing = request(url, { method, headers, agent: agent ?? false })
  outgoing.setNoDelay(true)
  outgoing.flushHeaders()
  const reply = new Promise<HttpReply>((resolve, reject) => {
    const fail = (actual: string, cause?: unknown) => {
      clearTimeout(timer)
      reject(new AuditFailure(`${method} ${new URL(url).pathname}`, { expected: 'a reply', actual, cause }))
      outgoing.destroy()
    }
    const timer = setTimeout(() => fail(`none within ${patienceMs} ms`), patienceMs)
    outgoing.on('error', (error) => fail(error.message, error))
    outgoing.on('response', (incoming) => {
      readReply(incoming).then(
        (whole) => {
          clearTimeout(timer)
          resolve(whole)
        },
        (error) => fail(error.message, error),
      )
    })
  })
  reply.catch(() => {}) // a caller that only aborts a request does not wait for a reply
  return {
    write: (bytes) => new Promise((resolve) => outgoing.write(bytes, () => resolve())),
    end: (bytes) => void (bytes === undefined ? outgoing.end() : outgoing.end(bytes)),
    abort: () => void outgoing.destroy(),
    reply,
  }
}

async function readReply(incoming: IncomingMessage): Promise<HttpReply> {
  const body = await text(incoming)
  return {
    status: incoming.statusCode ?? 0,
    statusText: incoming.statusMessage ?? '',
    headers: incoming.headers,
    body,
  }
}
