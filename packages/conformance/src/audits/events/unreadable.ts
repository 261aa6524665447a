import type { JsonObject } from '@hookport/core'
import type { ReceiverAudit } from '../../audit.ts'
import { post } from '../../http/post-event.ts'
import { expectAccepted, expectRefused, expectRetryAfter } from '../../steps/expect.ts'
import { expectNoRun } from '../../steps/wait-for-runs.ts'
import { type AuditEvent, newEvent, toBytes } from '../../target/audit-event.ts'
import { type AuditTarget, needs, urlOf } from '../../target/audit-target.ts'

interface Flaw {
  id: string
  what: string
  /** The bodies with this flaw, correctly signed. */
  spoil(event: AuditEvent, target: AuditTarget): readonly Uint8Array[]
  skipReason?: ReceiverAudit['skipReason']
}

const flaws: Flaw[] = [
  {
    id: 'H310',
    what: 'that is not JSON',
    spoil: ({ body }) => [body.subarray(0, -1), toBytes('not json'), toBytes('{"a":nan}')],
  },
  { id: 'H311', what: 'that is empty', spoil: () => [toBytes('')] },
  {
    id: 'H312',
    what: 'that is not a JSON object',
    spoil: ({ payload }) =>
      [[payload], 'text', 42, true, null].map((value) => toBytes(JSON.stringify(value))),
  },
  {
    id: 'H313',
    what: 'that is not UTF-8',
    spoil: ({ body }) => [
      Buffer.concat([body.subarray(0, -1), toBytes(',"x":"'), Buffer.of(0xff), toBytes('"}')]),
    ],
  },
  {
    id: 'H314',
    what: 'without a type',
    spoil: ({ payload }, { provider }) =>
      withField(payload, provider.fields.type, [undefined, null, 7, '', {}]),
  },
  {
    id: 'H315',
    what: 'without an id',
    skipReason: ({ provider }) =>
      provider.fields.id === undefined ? `${provider.name} sends no id` : undefined,
    spoil: ({ payload }, { provider }) =>
      withField(payload, provider.fields.id ?? '', [undefined, null, 7, '', {}]),
  },
  {
    id: 'H316',
    what: 'without a readable time',
    spoil: ({ payload }, { provider }) =>
      withField(payload, provider.fields.time, [undefined, null, 7, '', 'yesterday', '2026-13-45T99:00:00Z']),
  },
]

/** Authentic bodies are kept, so that nothing is lost when the sender changes its form. */
export const unreadableAudits: ReceiverAudit[] = [
  {
    id: 'H304',
    name: 'MUST NOT acknowledge an authentic body that can not be parsed when the inbox fails to store it',
    promise: 'kept',
    skipReason: needs('brokenInboxUrl'),
    async run(target) {
      const reply = await post(target, { body: toBytes('not json'), url: urlOf(target, 'brokenInboxUrl') })
      expectRefused(reply, 503, 'unavailable')
      expectRetryAfter(reply)
    },
  },
  ...flaws.map(
    ({ id, what, spoil, skipReason }): ReceiverAudit => ({
      id,
      name: `MUST acknowledge an authentic body ${what}, and show it to no handler`,
      promise: 'kept',
      ...(skipReason && { skipReason }),
      async run(target) {
        const event = newEvent(target)
        for (const body of spoil(event, target)) {
          const what = `the reply to ${JSON.stringify(Buffer.from(body).toString())}`
          expectAccepted(await post(target, { body }), what)
          expectAccepted(await post(target, { body }), `${what}, sent again`)
        }
        await expectNoRun(target, event.id)
      },
    }),
  ),
]

function withField(payload: JsonObject, field: string, values: readonly unknown[]): Uint8Array[] {
  return values.map((value) => toBytes(JSON.stringify({ ...payload, [field]: value })))
}
