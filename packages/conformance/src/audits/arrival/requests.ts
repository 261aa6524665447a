import type { AuditedPromise, ReceiverAudit } from '../../audit.ts'
import { post } from '../../http/post-event.ts'
import { expectAccepted, expectEqual, expectRefused } from '../../steps/expect.ts'
import { expectNoRun, waitForHandled } from '../../steps/wait-for-runs.ts'
import { newEvent, toBytes } from '../../target/audit-event.ts'
import { type AuditTarget, needs, urlOf } from '../../target/audit-target.ts'

const promise: AuditedPromise = 'plain'

const otherMethods = {
  H701: 'GET',
  H702: 'HEAD',
  H703: 'PUT',
  H704: 'PATCH',
  H705: 'DELETE',
  H706: 'OPTIONS',
}

const methodAudits = Object.entries(otherMethods).map(
  ([id, method]): ReceiverAudit => ({
    id,
    name: `MUST answer 405 and Allow: POST to ${method}`,
    promise,
    async run(target) {
      const event = newEvent(target)
      const bodiless = {
        body: new Uint8Array(),
        headers: { 'Content-Length': undefined, 'Content-Type': undefined },
      }
      const reply = await post(
        target,
        method === 'GET' || method === 'HEAD' ? { ...bodiless, method } : { body: event.body, method },
      )
      expectEqual('Allow', reply.headers.allow, 'POST')
      if (method === 'HEAD') expectEqual('status and body', [reply.status, reply.body], [405, ''])
      else expectRefused(reply, 405, 'method_not_allowed')
      await expectNoRun(target, event.id)
    },
  }),
)

const otherEncodings = ['gzip', 'deflate', 'br', 'zstd', 'compress', 'x-gzip', 'GZIP', 'identity, gzip']

/** The forms that a request may have, apart from its body. */
export const requestAudits: ReceiverAudit[] = [
  ...methodAudits,
  {
    id: 'H710',
    name: 'MUST refuse a body with a Content-Encoding that compresses',
    promise,
    async run(target) {
      for (const encoding of otherEncodings) {
        const event = newEvent(target)
        const reply = await post(target, { body: event.body, headers: { 'Content-Encoding': encoding } })
        expectRefused(reply, 415, 'unsupported_encoding', `the reply to ${encoding}`)
        await expectNoRun(target, event.id)
      }
    },
  },
  {
    id: 'H711',
    name: 'MUST accept a body with Content-Encoding: identity',
    promise,
    async run(target) {
      const { body } = newEvent(target)
      expectAccepted(await post(target, { body, headers: { 'Content-Encoding': 'identity' } }))
    },
  },
  {
    id: 'H715',
    name: 'MUST accept a body whose Content-Encoding names a charset, as some senders write it',
    promise,
    async run(target) {
      for (const encoding of ['UTF-8', 'utf-8']) {
        const { body } = newEvent(target)
        expectAccepted(await post(target, { body, headers: { 'Content-Encoding': encoding } }))
      }
    },
  },
  {
    id: 'H712',
    name: 'MUST receive under its path with a trailing slash',
    promise: 'open',
    async run(target) {
      const { id, body } = newEvent(target)
      expectAccepted(await post(target, { body, url: `${target.url}/` }))
      await waitForHandled(target, id)
    },
  },
  {
    id: 'H713',
    name: 'MUST receive under its path with a query string',
    promise: 'open',
    async run(target) {
      const { id, body } = newEvent(target)
      expectAccepted(await post(target, { body, url: `${target.url}?tenant=1&x=%2F` }))
      await waitForHandled(target, id)
    },
  },
  {
    id: 'H714',
    name: 'MUST report a misconfiguration when something else has read the body first',
    promise,
    skipReason: needs('consumedBodyUrl'),
    async run(target) {
      const { id, body } = newEvent(target)
      const url = urlOf(target, 'consumedBodyUrl')
      expectRefused(await post(target, { body, url }), 500, 'misconfigured')
      await expectNoRun(target, id)
    },
  },
  {
    id: 'H716',
    name: 'MUST accept an event whose request was paused before',
    promise: 'open',
    skipReason: needs('pausedBodyUrl'),
    async run(target) {
      const { id, body } = newEvent(target)
      for (const chunked of [false, true])
        expectAccepted(await post(target, { body, chunked, url: urlOf(target, 'pausedBodyUrl') }))
      await waitForHandled(target, id)
    },
  },
  {
    id: 'H717',
    name: 'MUST accept an event whose body another reader has left as text, if its UTF-8 encoding is what was signed',
    promise: 'open',
    skipReason: needs('textBodyUrl'),
    async run(target) {
      const { id, body } = newEvent(target, { data: { text: 'é ≤ 🚀' } })
      const url = urlOf(target, 'textBodyUrl')
      expectAccepted(await post(target, { body, url }))
      await waitForHandled(target, id)
      const forged = newEvent(target)
      const other = toBytes(`${Buffer.from(forged.body).toString()} `)
      const { signatureHeader, sign } = target.provider
      const headers = { [signatureHeader]: sign(forged.body, target.secret) }
      expectRefused(await post(target, { body: other, headers, url }), 401, 'invalid_signature')
      await expectNoRun(target, forged.id)
    },
  },
  {
    id: 'H718',
    name: 'MUST accept an event when another reader holds the body but has read nothing',
    promise: 'open',
    skipReason: needs('heldBodyUrl'),
    run: (target) => expectTakenOn(target, urlOf(target, 'heldBodyUrl')),
  },
  {
    id: 'H719',
    name: 'MUST accept an event when something has read the first bytes and put them back',
    promise: 'open',
    skipReason: needs('peekedBodyUrl'),
    run: (target) => expectTakenOn(target, urlOf(target, 'peekedBodyUrl')),
  },
]

/** In each framing, and large enough to arrive in several pieces. */
async function expectTakenOn(target: AuditTarget, url: string): Promise<void> {
  for (const chunked of [false, true]) {
    const { id, body } = newEvent(target, { data: { text: 'x'.repeat(target.maxBodyBytes / 2) } })
    expectAccepted(await post(target, { body, chunked, url, pieceBytes: 1024 }))
    await waitForHandled(target, id)
  }
}
