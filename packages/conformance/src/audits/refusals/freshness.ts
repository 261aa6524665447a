import type { ReceiverAudit } from '../../audit.ts'
import { post } from '../../http/post-event.ts'
import { expectAccepted, expectRefused } from '../../steps/expect.ts'
import { expectNoRun, waitForHandled } from '../../steps/wait-for-runs.ts'
import { newEvent } from '../../target/audit-event.ts'
import { type AuditTarget, defaultMaxAgeMs } from '../../target/audit-target.ts'

const minuteMs = 60_000

/** How old an event may be. */
export const freshnessAudits: ReceiverAudit[] = [
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
    name: 'MUST accept an event that is nearly as old as maxAge, or slightly in the future',
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
