import type { AuditedPromise, ReceiverAudit } from '../../audit.ts'
import { post, postAtOnce } from '../../http/post-event.ts'
import { expectAccepted, expectEqual, expectRefused } from '../../steps/expect.ts'
import { signedWith } from '../../steps/forgeries.ts'
import { expectOneRun, runsOf, waitForHandled } from '../../steps/wait-for-runs.ts'
import { newEvent, toBytes } from '../../target/audit-event.ts'
import { needs, urlOf } from '../../target/audit-target.ts'

const promise: AuditedPromise = 'once'
const many = 50

/** An event id is taken on once. */
export const onceAudits: ReceiverAudit[] = [
  {
    id: 'H201',
    name: 'MUST acknowledge an event that comes again, and handle it once',
    promise,
    async run(target) {
      const { id, body } = newEvent(target)
      for (let time = 0; time < 3; time++) expectAccepted(await post(target, { body }))
      await expectOneRun(target, id)
      expectAccepted(await post(target, { body }), 'the reply after it was handled')
      await expectOneRun(target, id)
    },
  },
  {
    id: 'H202',
    name: `MUST handle an event once if it comes ${many} times at the same moment, and acknowledge every delivery`,
    promise,
    async run(target) {
      const { id, body } = newEvent(target)
      for (const reply of await postAtOnce(target, many, { body })) expectAccepted(reply)
      await expectOneRun(target, id)
    },
  },
  {
    id: 'H203',
    name: 'MUST treat an id that comes again with another body as a duplicate',
    promise,
    async run(target) {
      const key = `audit-${Date.now()}-${Math.random().toString(36).slice(2)}`
      const first = newEvent(target, { key, data: { version: 1 } })
      const second = newEvent(target, { key, data: { version: 2 } })
      expectAccepted(await post(target, first))
      expectAccepted(await post(target, second))
      await expectOneRun(target, first.id)
      const [run] = await runsOf(target, first.id)
      expectEqual(
        'the body that was handled, in base64',
        run?.rawBody,
        Buffer.from(first.body).toString('base64'),
      )
    },
  },
  {
    id: 'H204',
    name: 'MUST NOT remember the id of a delivery that it refused',
    promise,
    async run(target) {
      const { id, body } = newEvent(target)
      const forged = signedWith(target, body, target.provider.sign(body, `${target.secret}2`))
      expectRefused(await post(target, forged), 401, 'invalid_signature')
      expectAccepted(await post(target, { body }))
      await waitForHandled(target, id)
    },
  },
  {
    id: 'H205',
    name: 'MUST NOT trust unsigned headers for identity, type or time',
    promise,
    async run(target) {
      const { lyingHeaders: headers } = target.provider
      const [one, other] = [newEvent(target), newEvent(target)]
      expectAccepted(await post(target, { body: one.body, headers }))
      expectAccepted(await post(target, { body: one.body, headers: { 'Idempotency-Key': 'another' } }))
      expectAccepted(await post(target, { body: other.body, headers }))
      for (const event of [one, other]) {
        const { type, createdAt } = await waitForHandled(target, event.id)
        expectEqual('type and time', { type, createdAt }, { type: event.type, createdAt: event.createdAt })
        await expectOneRun(target, event.id)
      }
    },
  },
  {
    id: 'H206',
    name: `MUST run handlers once if an event comes ${many} times at the same moment (after-handlers)`,
    promise,
    skipReason: needs('afterHandlersUrl'),
    async run(target) {
      const url = urlOf(target, 'afterHandlersUrl')
      const { id, body } = newEvent(target)
      const replies = await postAtOnce(target, many, { body, url })
      for (const reply of replies.filter(({ status }) => status !== 200))
        expectRefused(reply, 409, 'in_progress')
      expectEqual(
        'one of them at least is acknowledged',
        replies.some(({ status }) => status === 200),
        true,
      )
      expectAccepted(await post(target, { body, url }), 'the reply to one more')
      await expectOneRun(target, id, url)
    },
  },
  {
    id: 'H207',
    name: 'MUST distinguish ids that a store might treat as equal',
    promise,
    async run(target) {
      const stem = `audit ${Date.now()}-${Math.random().toString(36).slice(2)}`
      const keys = [
        `${stem}/é`,
        `${stem}/e\u0301`,
        `${stem}/É`,
        `${stem}/\n`,
        `${stem}/${'x'.repeat(300)}`,
        `${stem}/${'x'.repeat(301)}`,
      ]
      for (const key of keys) {
        const event = newEvent(target, { key })
        expectAccepted(await post(target, { body: toBytes(JSON.stringify(event.payload)) }))
        await waitForHandled(target, event.id)
      }
    },
  },
]
