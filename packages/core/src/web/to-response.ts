import type { Reply } from '../contracts/reply.ts'

/** A reply as a `Response` of the Web. */
export function toResponse({ status, headers, body }: Reply): Response {
  return new Response(body, { status, headers })
}
