import { Agent } from 'node:http'
import type { AuditedPromise, ReceiverAudit } from '../audit.ts'
import { openPost, post } from '../http/post-event.ts'
import { type RawHead, sendOnOne, sendWithoutEnd, writeThenRead } from '../http/raw-requests.ts'
import { expectAccepted, expectEqual, expectRefused } from '../steps/expect.ts'
import { expectNoRun, waitForHandled } from '../steps/wait-for-runs.ts'
import { newEvent, toBytes } from '../target/audit-event.ts'
import { type AuditTarget, needs, urlOf } from '../target/audit-target.ts'
import { refuse, refusedDeliveries } from './refusals/secrecy.ts'

const promise: AuditedPromise = 'neighbourly'

/** The application, its other routes and its connections stay as they were. */
export const neighbourAudits: ReceiverAudit[] = [
  {
    id: 'H801',
    name: "MUST leave the JSON parser of the application's other routes as it was",
    promise,
    skipReason: needs('jsonUrl'),
    async run(target) {
      await expectParsed(target)
      expectAccepted(await post(target, newEvent(target)))
      await expectParsed(target)
    },
  },
  {
    id: 'H802',
    name: 'MUST survive a sender that hangs up in the middle of a body',
    promise,
    async run(target) {
      for (const chunked of [false, true]) {
        const event = newEvent(target)
        const open = openPost(target, { body: event.body, chunked })
        await open.write(event.body.subarray(0, event.body.length / 2))
        open.abort()
        await expectNoRun(target, event.id)
      }
    },
  },
  {
    id: 'H803',
    name: 'SHOULD keep the connection usable after each refusal except that of a body that is too large',
    promise,
    async run(target) {
      for (const refused of refusedDeliveries(target).filter(({ code }) => code !== 'payload_too_large')) {
        const agent = new Agent({ keepAlive: true, maxSockets: 1 })
        try {
          await refuse(target, refused, agent)
          const { id, body } = newEvent(target)
          expectAccepted(await post(target, { body, agent }), `the reply to an event after ${refused.code}`)
          await waitForHandled(target, id)
        } finally {
          agent.destroy()
        }
      }
    },
  },
  {
    id: 'H804',
    name: 'MUST answer through a patched response whose methods return nothing',
    promise,
    skipReason: needs('patchedResponseUrl'),
    async run(target) {
      const url = urlOf(target, 'patchedResponseUrl')
      const { signatureHeader } = target.provider
      const bodiless = {
        'Content-Length': undefined,
        'Content-Type': undefined,
        [signatureHeader]: undefined,
      }
      const got = await post(target, { body: new Uint8Array(), method: 'GET', headers: bodiless, url })
      expectRefused(got, 405, 'method_not_allowed', 'the reply to GET')
      const { id, body } = newEvent(target)
      const unsigned = await post(target, { body, headers: { [signatureHeader]: undefined }, url })
      expectRefused(unsigned, 401, 'missing_signature', 'the reply to an unsigned event')
      expectAccepted(await post(target, { body, url }), 'the reply to a signed event')
      await waitForHandled(target, id)
    },
  },
  {
    id: 'H805',
    name: 'MUST close the connection when a body is too large, and still deliver the reply',
    promise,
    async run(target) {
      const agent = new Agent({ keepAlive: true })
      try {
        for (const chunked of [false, true]) {
          const body = new Uint8Array(target.maxBodyBytes + 1)
          const { headers } = await post(target, { body, chunked, agent })
          expectEqual('the header connection', headers.connection?.toLowerCase(), 'close')
        }
      } finally {
        agent.destroy()
      }
      const large = new Uint8Array(target.maxBodyBytes + moreThanBuffersHold)
      const replies = await Promise.all(Array.from({ length: 6 }, () => writeThenRead(target, large)))
      const statuses = replies.map(statusOf)
      expectEqual('the statuses that arrive', statuses, Array(replies.length).fill('413'))
    },
  },
  {
    id: 'H806',
    name: 'MUST close the connection when it refuses a body before its end, and still deliver the reply',
    promise,
    async run(target) {
      for (const { code, status, head } of earlyRefusals(target)) {
        const { reply, isClosed } = await sendWithoutEnd(target, head)
        expectEqual(`the status of ${code}`, statusOf(reply), status)
        expectEqual(`the header connection of ${code}`, /^connection: (.*)$/im.exec(reply)?.[1], 'close')
        expectEqual(`whether the connection of ${code} was closed`, isClosed, true)
      }
    },
  },
  {
    id: 'H807',
    name: 'SHOULD keep the connection when a refused delivery has arrived completely',
    promise,
    async run(target) {
      for (const { code, status, head } of earlyRefusals(target)) {
        const { body } = newEvent(target)
        const { signatureHeader, sign } = target.provider
        const signature = `${signatureHeader}: ${sign(body, target.secret)}`
        const replies = await sendOnOne(target, [
          { head, body: toBytes('{}') },
          { head: { method: 'GET' } },
          { head: { method: 'POST', line: signature }, body },
        ])
        expectEqual(`the statuses on the connection of ${code}`, replies.map(statusOf), [
          status,
          '405',
          '200',
        ])
      }
    },
  },
  {
    id: 'H808',
    name: 'MUST end a response whose head was already written, without acknowledging a refused delivery',
    promise,
    skipReason: needs('writtenHeadUrl'),
    async run(target) {
      const url = urlOf(target, 'writtenHeadUrl')
      const { id, body } = newEvent(target)
      expectEqual('the status of an event', (await post(target, { body, url })).status, 202)
      await waitForHandled(target, id)
      const headers = { [target.provider.signatureHeader]: undefined }
      const refused = await post(target, { body, headers, url }).then(
        ({ status }) => status,
        () => 'none',
      )
      expectEqual('the reply to an unsigned event', refused, 'none')
    },
  },
]

/** In bytes. More than a connection buffers, so that a part of the body is still on its way when the reply comes. */
const moreThanBuffersHold = 4 * 1024 * 1024

interface EarlyRefusal {
  readonly code: string
  readonly status: string
  readonly head: RawHead
}

/** Deliveries that are refused because of their head. */
function earlyRefusals({ provider, secret }: AuditTarget): EarlyRefusal[] {
  const signature = `${provider.signatureHeader}: ${provider.sign(toBytes('{}'), secret)}`
  return [
    { code: 'missing_signature', status: '401', head: { method: 'POST' } },
    { code: 'method_not_allowed', status: '405', head: { method: 'PUT', line: signature } },
    {
      code: 'unsupported_encoding',
      status: '415',
      head: { method: 'POST', line: `${signature}\r\nContent-Encoding: gzip` },
    },
  ]
}

function statusOf(reply: string): string {
  return /^HTTP\/1\.1 (\d+)/.exec(reply)?.[1] ?? 'none'
}

async function expectParsed(target: AuditTarget): Promise<void> {
  const value = { text: 'h\u00e9llo', list: [1, null] }
  const sending = { body: toBytes(JSON.stringify(value)), url: urlOf(target, 'jsonUrl') }
  const { status, body } = await post(target, {
    ...sending,
    headers: { [target.provider.signatureHeader]: undefined },
  })
  expectEqual('status and body of the JSON route', [status, body], [200, JSON.stringify({ parsed: value })])
}
