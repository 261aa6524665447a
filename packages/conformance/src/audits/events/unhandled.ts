import { randomUUID } from 'node:crypto'
import type { ReceiverAudit } from '../../audit.ts'
import { post } from '../../http/post-event.ts'
import { expectAccepted, expectEqual } from '../../steps/expect.ts'
import { letHandlersCatchUp, runsOf, waitForHandled } from '../../steps/wait-for-runs.ts'
import { newEvent } from '../../target/audit-event.ts'
import { needs, urlOf } from '../../target/audit-target.ts'

/** Events that no handler takes are not lost, as a deploy with a handler may be under way. */
export const unhandledAudits: ReceiverAudit[] = [
  {
    id: 'H305',
    name: 'MUST keep an event of a type that no handler takes, and hand it to the first that does',
    promise: 'finished',
    skipReason: needs('byTypeUrl'),
    async run(target) {
      const url = urlOf(target, 'byTypeUrl')
      const type = `${target.provider.unknownType}.${randomUUID()}`
      const early = newEvent(target, { type })
      expectAccepted(await post(target, { body: early.body, url }))
      expectAccepted(await post(target, { body: early.body, url }), 'the reply to a duplicate')
      await letHandlersCatchUp(target, url)
      expectEqual('runs before there is a handler', await target.probe.runs(early.id), [])
      const registering = newEvent(target, { audit: { alsoHandle: type } })
      expectAccepted(await post(target, { body: registering.body, url }))
      const { rawBody } = await waitForHandled(target, early.id)
      expectEqual('rawBody in base64', rawBody, Buffer.from(early.body).toString('base64'))
      const late = newEvent(target, { type })
      expectAccepted(await post(target, { body: late.body, url }))
      await waitForHandled(target, late.id)
      expectEqual('number of times handled', (await runsOf(target, early.id)).length, 1)
    },
  },
]
