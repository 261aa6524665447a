import type { ReceiverAudit } from '../audit.ts'
import { openPost, post } from '../http/post-event.ts'
import { expectAccepted, expectEqual, expectRefused, expectRetryAfter } from '../steps/expect.ts'
import { signedWith } from '../steps/forgeries.ts'
import { runsOf, waitForHandled, waitForRuns } from '../steps/wait-for-runs.ts'
import { whileHeld } from '../steps/while-held.ts'
import { newEvent } from '../target/audit-event.ts'
import { needs, urlOf } from '../target/audit-target.ts'

/** A reply only waits for what it depends on. */
export const quickAudits: ReceiverAudit[] = [
  {
    id: 'H501',
    name: 'MUST NOT wait for a handler before it acknowledges (on-receipt)',
    promise: 'quick',
    run: (target) =>
      whileHeld(target, target.url, async ({ held, release }) => {
        expectAccepted(await post(target, held))
        await waitForRuns(target, held.id, 'a run has begun', (runs) => runs.length > 0)
        expectAccepted(await post(target, held), 'the reply to a duplicate while the handler runs')
        expectAccepted(await post(target, release), 'the reply to another event while the handler runs')
        await waitForHandled(target, held.id)
        expectEqual('number of times handled', (await runsOf(target, held.id)).length, 1)
      }),
  },
  {
    id: 'H502',
    name: 'MUST answer a duplicate at once while the event is being handled (after-handlers)',
    promise: 'once',
    skipReason: needs('afterHandlersUrl'),
    async run(target) {
      const url = urlOf(target, 'afterHandlersUrl')
      await whileHeld(target, url, async ({ held, release }) => {
        const first = post(target, { body: held.body, url })
        first.catch(() => {}) // awaited below
        await waitForRuns(target, held.id, 'a run has begun', (runs) => runs.length > 0)
        const duplicate = await post(target, { body: held.body, url })
        expectRefused(duplicate, 409, 'in_progress', 'the reply to a duplicate')
        expectRetryAfter(duplicate)
        expectAccepted(await post(target, { body: release.body, url }), 'the reply to another event')
        expectAccepted(await first, 'the reply to the first delivery')
        expectEqual('number of times handled', (await runsOf(target, held.id)).length, 1)
      })
    },
  },
  {
    id: 'H503',
    name: 'MUST refuse a delivery without a signature even if its body never arrives',
    promise: 'quick',
    async run(target) {
      const open = openPost(target, signedWith(target, newEvent(target).body, undefined))
      expectRefused(await open.reply, 401, 'missing_signature')
      open.abort()
    },
  },
  {
    id: 'H504',
    name: 'MUST refuse a body that is announced as too large even if it never arrives',
    promise: 'quick',
    async run(target) {
      const open = openPost(target, { body: new Uint8Array(target.maxBodyBytes + 1) })
      expectRefused(await open.reply, 413, 'payload_too_large')
      open.abort()
    },
  },
  {
    id: 'H505',
    name: 'MUST refuse a body that becomes too large even if it never ends',
    promise: 'quick',
    async run(target) {
      const open = openPost(target, { body: new Uint8Array(), chunked: true })
      await open.write(new Uint8Array(target.maxBodyBytes))
      await open.write(new Uint8Array(1))
      expectRefused(await open.reply, 413, 'payload_too_large')
      open.abort()
    },
  },
]
