import { noProgress, type Verdict } from '@hookport/core'
import type { EventStore, TakenEvent } from '@hookport/core/inbox-kit'
import { manualClock } from '@hookport/core/testing'
import { done } from '@hookport/testkit/inbox/attempts'
import { eventRecord } from '@hookport/testkit/inbox/event-records'
import { recordedLogger } from '@hookport/testkit/logs'
import { expect, test } from 'vitest'
import { VerdictTeller } from '../../src/inbox-kit/consumer/verdict-teller.ts'
import { LeaseLoss } from '../../src/inbox-kit/lease-loss.ts'

/** Over a store that takes no verdict. */
function tellingInVain() {
  const clock = manualClock()
  const told: Verdict[] = []
  const conclude: EventStore['conclude'] = (_, verdict) => {
    told.push(verdict)
    return Promise.reject(new Error('no connection'))
  }
  const store = { conclude } as Partial<EventStore> as EventStore
  const teller = new VerdictTeller({ store, clock, logger: recordedLogger().logger, putAside() {} })
  const held = { taken: taken(), loss: new LeaseLoss(), isBeingConcluded: false }
  return { clock, told, teller, held }
}

function taken(): TakenEvent {
  const never = { interruptions: 0, interruptedAlone: 0, wasInterrupted: false }
  return { event: eventRecord(), token: 'one', attempt: 1, progress: noProgress, ...never }
}

const hour = 3_600_000

test.each(['the event is lost to another process', 'the consumer has given up'])(
  'a verdict that the store does not take is not told again once %s',
  async (why) => {
    const { clock, told, teller, held } = tellingInVain()
    const telling = teller.tell(held, done)
    await clock.advance(0)
    expect([told.length, teller.untold]).toEqual([1, 1])
    if (why.startsWith('the event')) held.loss.tell()
    else teller.hasGivenUp = true
    await clock.advance(hour)
    expect(await telling).toBe(true)
    expect([told.length, teller.untold]).toEqual([1, 0])
  },
)
