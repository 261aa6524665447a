import { type Agent, STATUS_CODES } from 'node:http'
import { AuditFailure, type ReceiverAudit } from '../../audit.ts'
import type { HttpReply } from '../../http/open-request.ts'
import { type Post, post } from '../../http/post-event.ts'
import { expectEqual } from '../../steps/expect.ts'
import { signedWith } from '../../steps/forgeries.ts'
import { newEvent } from '../../target/audit-event.ts'
import { type AuditTarget, defaultMaxAgeMs } from '../../target/audit-target.ts'

interface Refused {
  code: string
  sending: Post
}

/** One delivery for each way to be refused. */
export function refusedDeliveries(target: AuditTarget): Refused[] {
  const { body } = newEvent(target)
  const large = new Uint8Array(target.maxBodyBytes + 1)
  const stale = newEvent(target, { ageMs: (target.maxAgeMs ?? defaultMaxAgeMs) + 60_000 })
  return [
    { code: 'missing_signature', sending: signedWith(target, body, undefined) },
    { code: 'invalid_signature', sending: signedWith(target, body, 'nonsense') },
    {
      code: 'invalid_signature',
      sending: signedWith(target, body, target.provider.sign(body, `${target.secret}2`)),
    },
    { code: 'stale_event', sending: { body: stale.body } },
    { code: 'payload_too_large', sending: { body: large } },
    { code: 'payload_too_large', sending: { body: large, chunked: true } },
    { code: 'unsupported_encoding', sending: { body, headers: { 'Content-Encoding': 'gzip' } } },
    { code: 'method_not_allowed', sending: { body, method: 'PUT' } },
    ...(target.brokenInboxUrl
      ? [{ code: 'unavailable', sending: { body, url: target.brokenInboxUrl } }]
      : []),
    ...(target.consumedBodyUrl
      ? [{ code: 'misconfigured', sending: { body, url: target.consumedBodyUrl } }]
      : []),
  ]
}

export function refuse(target: AuditTarget, { sending }: Refused, agent?: Agent): Promise<HttpReply> {
  return post(target, { ...sending, agent })
}

/** Words that no header of a refusal needs. */
const telling = /secret|signature|digest|hmac|expected|mismatch|reason|stack|error|hookport/i

/** All texts that a body may have. */
const bareCode = /^\{"(error":"[a-z_]+"|received":true)\}$/

export const secrecyAudits: ReceiverAudit[] = [
  {
    id: 'H750',
    name: 'MUST show the sender a code, and neither a secret nor a reason',
    promise: 'plain',
    async run(target) {
      for (const refused of refusedDeliveries(target)) {
        const reply = await refuse(target, refused)
        expectNothingTold(reply, target, refused)
      }
    },
  },
]

function expectNothingTold(
  { status, statusText, headers, body }: HttpReply,
  target: AuditTarget,
  { code, sending }: Refused,
): void {
  expectEqual('the reason phrase', statusText, STATUS_CODES[status])
  const rightSignature = target.provider.sign(sending.body, target.secret)
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`)
  const told = lines.filter(
    (line) => telling.test(line) || line.includes(target.secret) || line.includes(rightSignature),
  )
  if (!bareCode.test(body)) told.push(body)
  if (told.length === 0) return
  throw new AuditFailure(`the reply to ${code}`, { expected: 'no reason and no secret', actual: told })
}
