import type { InboxHarness } from '@hookport/conformance/inbox'
import { type Inbox, memoryInbox } from '@hookport/core'
import { type ManualClock, manualClock } from '@hookport/core/testing'

const restart = 'what is in memory is lost with the process: there is nothing to find after a restart'
const leases = 'events under work are in this process and need no lease, so none can be lost'

/** What the memory inbox does not promise. */
const skip = {
  I105: 'there is one instance: nobody else can open this memory',
  I110: restart,
  I111: restart,
  I112: restart,
  I113: restart,
  I114: restart,
  I115: restart,
  I116: restart,
  I120: leases,
  I121: leases,
  I122: leases,
  I123: leases,
  I124: leases,
  I150: leases,
  I151: leases,
  I152: leases,
  I153: leases,
  I154: leases,
  I155: leases,
  I161: leases,
  I162: leases,
  I163: leases,
  I164: leases,
  I211: leases,
}

/** The memory inbox on a clock that is moved by hand, or an inbox made around it. */
export function memoryHarness(
  around: (inbox: Inbox, clock: ManualClock) => Inbox = (inbox) => inbox,
  patienceMs = 10_000,
): InboxHarness {
  return {
    durable: false,
    timeUnitMs: 1_000,
    patienceMs,
    skip,
    createStore() {
      const clock = manualClock(1_700_000_000_000)
      const inbox = around(memoryInbox({ clock }), clock)
      return {
        open: () => inbox,
        now: () => clock.now(),
        advance: (ms) => clock.advance(ms),
        dispose: async () => {},
      }
    },
  }
}
