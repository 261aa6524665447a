import { securityHeaders } from './headers.ts'

/** What the body of a reply can be. */
export type ReplyBody = string | Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array>

/** Creates any of our replies. */
export function reply(
  body: ReplyBody,
  contentType: string,
  { status = 200, headers = {} }: { status?: number; headers?: Readonly<Record<string, string>> } = {},
): Response {
  return new Response(body, {
    status,
    headers: { ...securityHeaders, 'content-type': contentType, ...headers },
  })
}

export function json(value: unknown, status = 200): Response {
  return reply(JSON.stringify(value), 'application/json; charset=utf-8', { status })
}

export function html(body: string, status = 200, headers: Readonly<Record<string, string>> = {}): Response {
  return reply(body, 'text/html; charset=utf-8', { status, headers })
}
