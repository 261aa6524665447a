import type { ReceiverAudit } from '../../audit.ts'
import { post } from '../../http/post-event.ts'
import { expectAccepted, expectEqual, expectRefused } from '../../steps/expect.ts'
import { expectNoRun, waitForHandled } from '../../steps/wait-for-runs.ts'
import { type AuditEvent, newEvent, toBytes } from '../../target/audit-event.ts'
import type { AuditTarget } from '../../target/audit-target.ts'

const framings = [
  { id: 'H740', overId: 'H742', framing: 'with Content-Length', chunked: false },
  { id: 'H741', overId: 'H743', framing: 'in chunks', chunked: true },
]

/** The limit is counted in bytes, to the byte. */
export const bodyLimitAudits = framings.flatMap(({ id, overId, framing, chunked }): ReceiverAudit[] => [
  {
    id,
    name: `MUST accept a body of exactly maxBodyBytes, sent ${framing}`,
    promise: 'open',
    async run(target) {
      const event = eventOfSize(target, target.maxBodyBytes)
      expectAccepted(await post(target, { body: event.body, chunked }))
      const { rawBody } = await waitForHandled(target, event.id)
      expectEqual('bytes handed on', Buffer.from(rawBody, 'base64').length, target.maxBodyBytes)
    },
  },
  {
    id: overId,
    name: `MUST refuse a body of one byte more, sent ${framing}`,
    promise: 'plain',
    async run(target) {
      const event = eventOfSize(target, target.maxBodyBytes + 1)
      expectRefused(await post(target, { body: event.body, chunked }), 413, 'payload_too_large')
      await expectNoRun(target, event.id)
    },
  },
])

/** An event whose body has this many bytes, and fewer characters. */
function eventOfSize(target: AuditTarget, bytes: number): AuditEvent {
  const event = newEvent(target, { data: { text: 'é' } })
  const padding = ' '.repeat(bytes - event.body.length)
  return { ...event, body: toBytes(JSON.stringify(event.payload) + padding) }
}
