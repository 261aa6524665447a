import type { ReceiverAudit } from '../../audit.ts'
import { post } from '../../http/post-event.ts'
import { expectAccepted, expectEqual, expectRefused, expectRetryAfter } from '../../steps/expect.ts'
import { letHandlersCatchUp, runsOf, waitForHandled, waitForRuns } from '../../steps/wait-for-runs.ts'
import { whileHeld } from '../../steps/while-held.ts'
import { newEvent } from '../../target/audit-event.ts'
import { needs, urlOf } from '../../target/audit-target.ts'
import type { HandlerRun } from '../../target/probe.ts'

/** Nothing that could be lost is acknowledged, and everything that was taken on is finished. */
export const keptAndFinishedAudits: ReceiverAudit[] = [
  {
    id: 'H301',
    name: 'MUST NOT acknowledge an event when the inbox fails to store it',
    promise: 'kept',
    skipReason: needs('brokenInboxUrl'),
    async run(target) {
      const reply = await post(target, { body: newEvent(target).body, url: urlOf(target, 'brokenInboxUrl') })
      expectRefused(reply, 503, 'unavailable')
      expectRetryAfter(reply)
    },
  },
  {
    id: 'H302',
    name: 'MUST NOT wait for an inbox that does not answer, and MUST NOT acknowledge the event',
    promise: 'quick',
    skipReason: needs('stuckInboxUrl'),
    async run(target) {
      const reply = await post(target, { body: newEvent(target).body, url: urlOf(target, 'stuckInboxUrl') })
      expectRefused(reply, 503, 'unavailable')
      expectRetryAfter(reply)
    },
  },
  {
    id: 'H303',
    name: 'MUST NOT acknowledge while a handler runs (after-handlers)',
    promise: 'kept',
    skipReason: needs('afterHandlersUrl'),
    async run(target) {
      const url = urlOf(target, 'afterHandlersUrl')
      await whileHeld(target, url, async ({ held, release }) => {
        let answered = false
        const reply = post(target, { body: held.body, url }).finally(() => {
          answered = true
        })
        reply.catch(() => {}) // awaited below
        await waitForRuns(target, held.id, 'a run has begun', (runs) => runs.length > 0)
        await letHandlersCatchUp(target, url)
        expectEqual('answered while the handler ran', answered, false)
        expectAccepted(await post(target, { body: release.body, url }))
        expectAccepted(await reply)
        const outcomes = (await runsOf(target, held.id)).map(({ outcome }) => outcome)
        expectEqual('outcomes when it was acknowledged', outcomes, ['succeeded'])
      })
    },
  },
  {
    id: 'H401',
    name: 'MUST run a failed handler again until it succeeds, and no other with it',
    promise: 'finished',
    async run(target) {
      const { id, body } = newEvent(target, { audit: { failTimes: 2 } })
      expectAccepted(await post(target, { body }))
      await waitForHandled(target, id)
      await letHandlersCatchUp(target)
      expectAttempts(await target.probe.runs(id), { obedient: [1, 2, 3], neighbour: [1] })
    },
  },
  {
    id: 'H402',
    name: 'MUST answer 500 when a handler failed, and run only that one when the event comes again (after-handlers)',
    promise: 'finished',
    skipReason: needs('afterHandlersUrl'),
    async run(target) {
      const url = urlOf(target, 'afterHandlersUrl')
      const { id, body } = newEvent(target, { audit: { failTimes: 1 } })
      expectRefused(await post(target, { body, url }), 500, 'handler_failed')
      expectAccepted(await post(target, { body, url }), 'the reply to the second delivery')
      expectAccepted(await post(target, { body, url }), 'the reply to a duplicate')
      expectAttempts(await target.probe.runs(id), { obedient: [1, 2], neighbour: [1] })
    },
  },
]

function expectAttempts(
  runs: readonly HandlerRun[],
  expected: Record<HandlerRun['handler'], number[]>,
): void {
  const attemptsOf = (name: HandlerRun['handler']) =>
    runs.filter(({ handler }) => handler === name).map(({ attempt }) => attempt)
  const actual = { obedient: attemptsOf('obedient'), neighbour: attemptsOf('neighbour') }
  expectEqual('attempts per handler', actual, expected)
}
