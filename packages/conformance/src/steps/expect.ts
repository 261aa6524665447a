import { STATUS_CODES } from 'node:http'
import { isDeepStrictEqual } from 'node:util'
import { AuditFailure } from '../audit.ts'
import type { HttpReply } from '../http/open-request.ts'

export function expectEqual(what: string, actual: unknown, expected: unknown): void {
  if (!isDeepStrictEqual(actual, expected)) throw new AuditFailure(what, { expected, actual })
}

/** An event is acknowledged. */
export function expectAccepted(reply: HttpReply, what = 'the reply'): void {
  expectReply(reply, 200, '{"received":true}', what)
}

/** A delivery is refused: the sender sees this code, and nothing else. */
export function expectRefused(reply: HttpReply, status: number, code: string, what = 'the reply'): void {
  expectReply(reply, status, `{"error":"${code}"}`, what)
}

/** A refusal says when to try again: in whole seconds, at least 1. */
export function expectRetryAfter({ headers }: HttpReply): void {
  const header = headers['retry-after']
  if (!/^[1-9]\d*$/.test(header ?? '')) {
    throw new AuditFailure('Retry-After', { expected: 'whole seconds, 1 or more', actual: header })
  }
}

function expectReply(
  { status, statusText, headers, body }: HttpReply,
  expectedStatus: number,
  expectedBody: string,
  what: string,
): void {
  const [contentType] = (headers['content-type'] ?? '').split(';')
  expectEqual(
    what,
    { status, statusText, contentType, body },
    {
      status: expectedStatus,
      statusText: STATUS_CODES[expectedStatus],
      contentType: 'application/json',
      body: expectedBody,
    },
  )
}
