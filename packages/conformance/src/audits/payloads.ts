import type { JsonObject } from '@hookport/core'
import type { AuditedPromise, ReceiverAudit } from '../audit.ts'
import { type AuditEvent, newEvent, toBytes } from '../audit-event.ts'
import { type AuditTarget, defaultMaxAgeMs } from '../audit-target.ts'
import { expectAccepted, expectRefused } from '../expect.ts'
import { post } from '../http/post-event.ts'
import { expectNoRun, waitForHandled } from '../wait-for-runs.ts'

const promise: AuditedPromise = 'plain'

interface Flaw {
  id: string
  what: string
  /** The bodies that have it, signed as they are. */
  spoil(event: AuditEvent, target: AuditTarget): readonly Uint8Array[]
  skipReason?: ReceiverAudit['skipReason']
}

const flaws: Flaw[] = [
  {
    id: 'H720',
    what: 'that is not JSON',
    spoil: ({ body }) => [body.subarray(0, -1), toBytes('not json'), toBytes('{"a":NaN}')],
  },
  { id: 'H721', what: 'that is empty', spoil: () => [toBytes('')] },
  {
    id: 'H722',
    what: 'that is not a JSON object',
    spoil: ({ payload }) =>
      [[payload], 'text', 42, true, null].map((value) => toBytes(JSON.stringify(value))),
  },
  {
    id: 'H723',
    what: 'that is not UTF-8',
    spoil: ({ body }) => [
      Buffer.concat([body.subarray(0, -1), toBytes(',"x":"'), Buffer.of(0xff), toBytes('"}')]),
    ],
  },
  {
    id: 'H724',
    what: 'without a type',
    spoil: ({ payload }, { provider }) =>
      withField(payload, provider.fields.type, [undefined, null, 7, '', {}]),
  },
  {
    id: 'H725',
    what: 'without an id',
    skipReason: ({ provider }) =>
      provider.fields.id === undefined ? `${provider.name} sends no id` : undefined,
    spoil: ({ payload }, { provider }) =>
      withField(payload, provider.fields.id ?? '', [undefined, null, 7, '', {}]),
  },
  {
    id: 'H726',
    what: 'without a readable time',
    spoil: ({ payload }, { provider }) =>
      withField(payload, provider.fields.time, [undefined, null, 7, '', 'yesterday', '2026-13-45T99:00:00Z']),
  },
]

const flawAudits = flaws.map(
  ({ id, what, spoil, skipReason }): ReceiverAudit => ({
    id,
    name: `MUST refuse an authentic body ${what}`,
    promise,
    ...(skipReason && { skipReason }),
    async run(target) {
      const event = newEvent(target)
      for (const body of spoil(event, target)) {
        const reply = await post(target, { body })
        expectRefused(
          reply,
          400,
          'invalid_payload',
          `the reply to ${JSON.stringify(Buffer.from(body).toString())}`,
        )
      }
      await expectNoRun(target, event.id)
    },
  }),
)

const minuteMs = 60_000

/** What an authentic body must hold, and how old it may be. */
export const payloadAudits: ReceiverAudit[] = [
  ...flawAudits,
  {
    id: 'H730',
    name: 'MUST refuse an event that was signed longer than maxAge ago',
    promise: 'once',
    run: (target) => expectStale(target, maxAgeOf(target) + minuteMs),
  },
  {
    id: 'H731',
    name: 'MUST refuse an event that was signed in the future',
    promise: 'once',
    run: (target) => expectStale(target, -10 * minuteMs),
  },
  {
    id: 'H732',
    name: 'MUST take on an event that is nearly as old as maxAge, or ahead by a clock that is a little off',
    promise: 'open',
    async run(target) {
      for (const ageMs of [maxAgeOf(target) - minuteMs, -2 * minuteMs]) {
        const { id, body } = newEvent(target, { ageMs })
        expectAccepted(await post(target, { body }), `the reply to an event ${ageMs} ms old`)
        await waitForHandled(target, id)
      }
    },
  },
]

async function expectStale(target: AuditTarget, ageMs: number): Promise<void> {
  const { id, body } = newEvent(target, { ageMs })
  expectRefused(await post(target, { body }), 400, 'stale_event')
  await expectNoRun(target, id)
}

function maxAgeOf({ maxAgeMs = defaultMaxAgeMs }: AuditTarget): number {
  return maxAgeMs
}

function withField(payload: JsonObject, field: string, values: readonly unknown[]): Uint8Array[] {
  return values.map((value) => toBytes(JSON.stringify({ ...payload, [field]: value })))
}
