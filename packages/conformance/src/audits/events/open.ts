import type { AuditedPromise, ReceiverAudit } from '../../audit.ts'
import { post } from '../../http/post-event.ts'
import { expectAccepted, expectEqual } from '../../steps/expect.ts'
import { expectNoRun, waitForHandled } from '../../steps/wait-for-runs.ts'
import { newEvent } from '../../target/audit-event.ts'
import { needs, urlOf } from '../../target/audit-target.ts'

const promise: AuditedPromise = 'open'

const contentTypes: Record<string, string | undefined> = {
  H610: undefined,
  H611: 'text/plain',
  H612: 'application/x-www-form-urlencoded',
  H613: 'multipart/form-data; boundary=x',
  H614: 'application/json; charset=latin1',
  H615: 'nonsense',
}

const contentTypeAudits = Object.entries(contentTypes).map(
  ([id, contentType]): ReceiverAudit => ({
    id,
    name: `MUST NOT mind ${contentType === undefined ? 'a missing Content-Type' : `the Content-Type ${contentType}`}`,
    promise,
    async run(target) {
      const event = newEvent(target)
      expectAccepted(await post(target, { body: event.body, headers: { 'Content-Type': contentType } }))
      const { rawBody } = await waitForHandled(target, event.id)
      expectEqual('rawBody in base64', rawBody, Buffer.from(event.body).toString('base64'))
    },
  }),
)

/** What a sender may add tomorrow is accepted today. */
export const openAudits: ReceiverAudit[] = [
  {
    id: 'H601',
    name: 'MUST accept an event of an unknown type',
    promise,
    async run(target) {
      const event = newEvent(target, { type: target.provider.unknownType })
      expectAccepted(await post(target, event))
      expectEqual('type', (await waitForHandled(target, event.id)).type, event.type)
    },
  },
  {
    id: 'H602',
    name: 'MUST pass unknown fields to handlers',
    promise,
    async run(target) {
      const unknown = { new_field: { nested: [1, 'two', null] } }
      const event = newEvent(target, { data: unknown })
      expectAccepted(await post(target, event))
      const { data } = await waitForHandled(target, event.id)
      expectEqual('data', data, event.payload[target.provider.fields.data])
    },
  },
  {
    id: 'H603',
    name: 'MUST acknowledge an event whose data does not fit its type, and show it to no handler',
    promise,
    async run(target) {
      const event = newEvent(target, { data: target.provider.misfitData })
      expectAccepted(await post(target, event))
      expectAccepted(await post(target, event), 'the reply to a duplicate')
      await expectNoRun(target, event.id)
    },
  },
  {
    id: 'H604',
    name: 'MUST acknowledge an event whose data does not fit its type (after-handlers)',
    promise,
    skipReason: needs('afterHandlersUrl'),
    async run(target) {
      const event = newEvent(target, { data: target.provider.misfitData })
      const sending = { body: event.body, url: urlOf(target, 'afterHandlersUrl') }
      expectAccepted(await post(target, sending))
      expectAccepted(await post(target, sending), 'the reply to a duplicate')
      await expectNoRun(target, event.id)
    },
  },
  ...contentTypeAudits,
]
