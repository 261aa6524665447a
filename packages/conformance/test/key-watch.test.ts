import { type Attempt, noProgress, type Verdict } from '@hookport/core'
import { describe, expect, test } from 'vitest'
import { Gate } from '../src/inbox/bench/gate.ts'
import { KeyWatch } from '../src/inbox/steps/key-watch.ts'
import { ordered } from '../src/inbox/steps/ordered-event.ts'
import { done } from '../src/inbox/steps/sample-event.ts'

function turnAt(id: string, wasInterrupted = false): Attempt {
  const counts = { attempt: 1, interruptions: wasInterrupted ? 1 : 0, interruptedAlone: 0 }
  const checkpoint = () => {}
  return { event: ordered(id, 1), ...counts, wasInterrupted, progress: noProgress, now: 0, checkpoint }
}

/** A consumer that is frozen in the turn that it was given, until the gate opens. */
function freeze(watch: KeyWatch, id: string): { thaw(): Promise<Verdict> } {
  const gate = new Gate()
  const work = watch.watching('the frozen one', async () => {
    await gate.opened
    return done
  })
  const turn = work(turnAt(id))
  return {
    thaw: () => {
      gate.open()
      return turn
    },
  }
}

describe('the watch over order keys', () => {
  test('names who was handed what while another held the key under a lease that ran', async () => {
    const watch = new KeyWatch()
    const frozen = freeze(watch, 'first')
    await watch.watching('another', async () => done)(turnAt('second'))
    await frozen.thaw()
    expect(() => watch.assertNoOverlap()).toThrow(
      'acme:run-1: another was handed second while the frozen one held first, and its lease had not run out',
    )
  })

  test('sees an event that is handed out twice under leases that run', async () => {
    const watch = new KeyWatch()
    const frozen = freeze(watch, 'first')
    await watch.watching('another', async () => done)(turnAt('first'))
    await frozen.thaw()
    expect(() => watch.assertNoOverlap()).toThrow('another was handed first while the frozen one held first')
  })

  test('takes a turn for over once its lease has lapsed and another has its event, however long it goes on', async () => {
    const watch = new KeyWatch()
    const frozen = freeze(watch, 'first')
    const other = watch.watching('another', async () => done)
    await other(turnAt('first', true))
    await other(turnAt('second'))
    await frozen.thaw()
    await other(turnAt('third'))
    watch.assertNoOverlap()
    expect(watch.ids.get('acme:run-1')).toEqual(['first', 'second', 'third'])
    expect(watch.mostKeys).toBe(1)
  })

  test('sees the next event that is handed out while a lapsed one is handled anew', async () => {
    const watch = new KeyWatch()
    const frozen = freeze(watch, 'first')
    const gate = new Gate()
    const anew = watch.watching('a second', async () => {
      await gate.opened
      return done
    })(turnAt('first', true))
    await watch.watching('a third', async () => done)(turnAt('second'))
    expect(() => watch.assertNoOverlap()).toThrow('a third was handed second while a second held first')
    gate.open()
    await Promise.all([anew, frozen.thaw()])
  })
})
