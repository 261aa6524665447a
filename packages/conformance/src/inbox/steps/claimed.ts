import assert from 'node:assert/strict'
import type { EventRecord, Inbox, Lease } from '@hookport/core'
import { longMs, noProgress, remembered, sampleFailure } from './sample-event.ts'

/** Claims an event that must be free. The lease does not run out during a test, unless told. */
export async function claimed(
  inbox: Inbox,
  event: EventRecord,
  { leaseMs = longMs, rememberMs = longMs } = {},
): Promise<Lease> {
  const result = await inbox.claim(event, { rememberMs, leaseMs })
  assert.ok(result.outcome === 'claimed', `claim was answered ${result.outcome} instead of claimed`)
  return result.lease
}

type LeaseAction = (inbox: Inbox, lease: Lease, event: EventRecord) => boolean | Promise<boolean>

/** Everything that the holder of a lease may do. */
export const leaseActions: Readonly<Record<'renew' | 'confirm' | 'release' | 'bury' | 'park', LeaseAction>> =
  {
    renew: (inbox, lease) => inbox.renew(lease, longMs),
    confirm: (inbox, lease, event) => inbox.confirm(lease, event, remembered),
    release: (inbox, lease) => inbox.release(lease, { completed: ['not kept'], abandoned: [] }, true),
    bury: (inbox, lease, event) =>
      inbox.bury(lease, event, { progress: noProgress, failures: [sampleFailure], ...remembered }),
    park: (inbox, lease, event) =>
      inbox.park(lease, event, { progress: noProgress, failures: [], ...remembered }),
  }

/** Checks that a lease is no longer valid. */
export async function assertLost(inbox: Inbox, lease: Lease, event: EventRecord): Promise<void> {
  for (const [name, act] of Object.entries(leaseActions)) {
    assert.equal(await act(inbox, lease, event), false, `${name} under a lost lease`)
  }
}
