import type { Reply } from '../contracts/delivery.ts'

/** A reply as a `Response` of the Web. */
export function toResponse({ status, headers, body }: Reply): Response {
  return new Response(body === '' ? null : body, { status, headers }) // a 204 must have no body, not even an empty one
}
