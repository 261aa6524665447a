import assert from 'node:assert/strict'
import { inboxTest } from '../bench/inbox-test.ts'
import { assertLost, claimed, leaseActions } from '../steps/claimed.ts'
import { assertCounts, assertSame, keptEvent } from '../steps/expectations.ts'
import {
  longMs,
  noProgress,
  remembered,
  sampleEvent,
  sampleFailure,
  sampleProgress,
} from '../steps/sample-event.ts'

const actions = Object.entries(leaseActions)

export const leaseTests = [
  inboxTest('I030', 'MUST let the holder act for as long as the lease runs', async (bench) => {
    const inbox = await bench.open()
    let round = 0
    for (const [name, act] of actions) {
      await bench.withinWindow(async (leaseMs) => {
        const event = sampleEvent({ id: `${name}_${++round}` })
        const claimedAt = bench.now()
        const lease = await claimed(inbox, event, { leaseMs })
        await bench.passUntilJustBefore(claimedAt + leaseMs)
        assert.equal(await act(inbox, lease, event), true, name)
      })
    }
  }),

  inboxTest('I031', 'MUST refuse the holder of a lease that ran out, and change nothing', async (bench) => {
    const [one, other] = [await bench.open(), await bench.open()]
    for (const [name, act] of actions) {
      const event = sampleEvent({ id: name })
      const lease = await claimed(one, event, { leaseMs: bench.unitMs })
      await bench.pass(bench.unitMs)
      assert.equal(await act(one, lease, event), false, name)
      const next = await claimed(other, event)
      assert.equal(next.attempt, 1, name)
      assertSame(next.progress, noProgress, name)
    }
    await assertCounts(one, {})
  }),

  inboxTest('I032', 'MUST refuse an earlier holder, and leave the current one its lease', async (bench) => {
    const [one, other] = [await bench.open(), await bench.open()]
    for (const [name, act] of actions) {
      const event = sampleEvent({ id: name })
      const old = await claimed(one, event, { leaseMs: bench.unitMs })
      await bench.pass(bench.unitMs)
      const current = await claimed(other, event)
      assert.equal(await act(one, old, event), false, name)
      assert.equal(
        (await one.claim(event, { rememberMs: longMs, leaseMs: longMs })).outcome,
        'in_progress',
        name,
      )
      assert.equal(await other.confirm(current, event, remembered), true, name)
    }
    await assertCounts(one, {})
  }),

  inboxTest(
    'I033',
    'MUST treat a lease as lost after it was released, confirmed or buried',
    async (bench) => {
      const inbox = await bench.open()
      const released = sampleEvent({ id: 'released' })
      const spent = await claimed(inbox, released)
      assert.equal(await inbox.release(spent, noProgress, true), true)
      await assertLost(inbox, spent, released)
      assert.equal((await claimed(inbox, released)).attempt, 2)

      const confirmed = sampleEvent({ id: 'confirmed' })
      const kept = await claimed(inbox, confirmed)
      assert.equal(await inbox.confirm(kept, confirmed, remembered), true)
      await assertLost(inbox, kept, confirmed)
      await assertCounts(inbox, {})

      const buried = sampleEvent({ id: 'buried' })
      const last = await claimed(inbox, buried)
      const burial = { progress: sampleProgress, failures: [sampleFailure], ...remembered }
      assert.equal(await inbox.bury(last, buried, burial), true)
      await assertLost(inbox, last, buried)
      assertSame((await keptEvent(inbox, buried.key)).progress, sampleProgress)
    },
  ),

  inboxTest('I034', 'MUST start the time of a lease anew when it is renewed', async (bench) => {
    const [one, other] = [await bench.open(), await bench.open()]
    const event = sampleEvent()
    let round = 0
    const { lease, claimedAt, leaseMs, renewed } = await bench.withinWindow(async (leaseMs) => {
      const renewed = sampleEvent({ ...event, id: `evt_${++round}` })
      const claimedAt = bench.now()
      const lease = await claimed(one, renewed, { leaseMs })
      await bench.passUntilJustBefore(claimedAt + leaseMs)
      assert.equal(await one.renew(lease, longMs), true)
      return { lease, claimedAt, leaseMs, renewed }
    })
    await bench.passUntil(claimedAt + leaseMs)
    const result = await other.claim(renewed, { rememberMs: longMs, leaseMs: longMs })
    assert.ok(result.outcome === 'in_progress', `claim was answered ${result.outcome}`)
    assert.ok(result.retryAfterMs > leaseMs, 'retryAfterMs still has the value before the renewal')
    assert.equal(await one.renew(lease, bench.unitMs), true, 'a lease can also be renewed to an earlier end')
    await bench.pass(bench.unitMs)
    await assertLost(one, lease, renewed)
  }),
]
