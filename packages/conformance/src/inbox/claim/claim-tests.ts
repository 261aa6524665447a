import assert from 'node:assert/strict'
import { inboxTest } from '../bench/inbox-test.ts'
import { assertLost, claimed } from '../steps/claimed.ts'
import { assertCounts, assertDuplicate, assertSame, assertState, listedIds } from '../steps/expectations.ts'
import {
  done,
  longMs,
  noProgress,
  remembered,
  sampleEvent,
  sampleEvents,
  sampleFailure,
  withOtherBody,
} from '../steps/sample-event.ts'

const leased = { rememberMs: longMs, leaseMs: longMs }

export const claimTests = [
  inboxTest('I020', 'MUST grant the claim of a new event: attempt 1, without progress', async (bench) => {
    const inbox = await bench.open()
    const event = sampleEvent()
    const lease = await claimed(inbox, event)
    assert.equal(lease.key, event.key)
    assert.equal(typeof lease.token, 'string')
    assert.equal(lease.attempt, 1)
    assertSame(lease.progress, noProgress)
  }),

  inboxTest(
    'I021',
    'MUST answer `in_progress` while a lease runs, and for how long at most',
    async (bench) => {
      const [one, other] = [await bench.open(), await bench.open()]
      const event = sampleEvent()
      const leaseMs = 600_000
      await claimed(one, event, { leaseMs })
      for (const inbox of [one, other]) {
        const result = await inbox.claim(event, { rememberMs: longMs, leaseMs: longMs })
        assert.ok(result.outcome === 'in_progress', `claim was answered ${result.outcome}`)
        assert.ok(result.retryAfterMs > 0, `retryAfterMs is ${result.retryAfterMs}`)
        assert.ok(
          result.retryAfterMs <= leaseMs + bench.toleranceMs,
          `retryAfterMs is ${result.retryAfterMs}`,
        )
      }
    },
  ),

  inboxTest('I022', 'MUST grant exactly one of 50 racing claims of one event', async (bench) => {
    const inboxes = await bench.openSeveral(5)
    for (const event of sampleEvents(4)) {
      const results = await Promise.all(
        Array.from({ length: 10 }, () => inboxes.map(async (inbox) => inbox.claim(event, leased))).flat(),
      )
      const outcomes = results.map(({ outcome }) => outcome)
      assert.equal(outcomes.filter((outcome) => outcome === 'claimed').length, 1)
      assert.equal(outcomes.filter((outcome) => outcome === 'in_progress').length, 49)
    }
  }),

  inboxTest(
    'I023',
    'MUST answer `duplicate` once an event was confirmed, with the right conflict',
    async (bench) => {
      const [one, other] = [await bench.open(), await bench.open()]
      const event = sampleEvent()
      assert.equal(await one.confirm(await claimed(one, event), event, remembered), true)
      for (const inbox of [one, other]) {
        await assertDuplicate(inbox, event, { conflict: false })
        await assertDuplicate(inbox, withOtherBody(event), { conflict: true })
      }
      await assertCounts(other, {})
    },
  ),

  inboxTest(
    'I024',
    'MUST answer `duplicate` once an event was buried, with the right conflict',
    async (bench) => {
      const [one, other] = [await bench.open(), await bench.open()]
      const event = sampleEvent()
      const burial = { progress: noProgress, failures: [sampleFailure], ...remembered }
      assert.equal(await one.bury(await claimed(one, event), event, burial), true)
      for (const inbox of [one, other]) {
        await assertDuplicate(inbox, event, { conflict: false })
        await assertDuplicate(inbox, withOtherBody(event), { conflict: true })
      }
    },
  ),

  inboxTest('I025', 'MUST NOT keep or hand out an event that is only claimed', async (bench) => {
    const inbox = await bench.open()
    const event = sampleEvent()
    const lease = await claimed(inbox, event)
    const { turns } = bench.consume(inbox, async () => done)
    await bench.settle()
    assert.equal(turns.length, 0)
    await assertCounts(inbox, {})
    assert.deepEqual(await listedIds(inbox), [])
    assert.equal(await inbox.get(event.key), undefined)
    assert.equal(await inbox.redrive(event.key), false)
    assert.equal(await inbox.discard(event.key), false)
    assert.equal(await inbox.confirm(lease, event, remembered), true)
  }),

  inboxTest(
    'I026',
    'MUST accept a put of an event that is only claimed, and the claim is lost',
    async (bench) => {
      const [one, other] = [await bench.open(), await bench.open()]
      const event = sampleEvent()
      const lease = await claimed(one, event)
      assertSame(await other.put(event, remembered), { outcome: 'accepted' })
      await assertLost(one, lease, event)
      await assertState(one, event.key, 'pending')
      await assertDuplicate(one, event)
      const recorded = bench.consume(other, async () => done)
      await bench.settled(recorded.consumer.idle(), 'idle')
      assert.deepEqual(recorded.ids, [event.id])
    },
  ),

  inboxTest(
    'I027',
    'MUST accept exactly one of 25 puts that race 25 claims, and no claim outlives it',
    async (bench) => {
      const inboxes = await bench.openSeveral(5)
      const [inbox = await bench.open()] = inboxes
      for (const event of sampleEvents(4)) {
        const race = Array.from({ length: 5 }, () =>
          inboxes.flatMap((racer) => [
            (async () => racer.claim(event, leased))(),
            (async () => racer.put(event, remembered))(),
          ]),
        )
        const results = await Promise.all(race.flat())
        assert.equal(results.filter(({ outcome }) => outcome === 'accepted').length, 1)
        for (const result of results) {
          if (result.outcome === 'claimed') await assertLost(inbox, result.lease, event)
        }
        await assertState(inbox, event.key, 'pending')
      }
    },
  ),

  inboxTest(
    'I028',
    'MUST let a lease run to its end that is longer than its key is remembered, renewed or not',
    async (bench) => {
      const [one, other] = [await bench.open(), await bench.open()]
      const events = sampleEvents(2)
      const leases = await bench.withinWindow(async (windowMs) => {
        const [long, renewed] = events.map((event) => ({ ...event, key: `${event.key}:${windowMs}` }))
        assert.ok(long && renewed)
        const held = [
          { event: long, lease: await claimed(one, long, { rememberMs: 1, leaseMs: longMs }) },
          { event: renewed, lease: await claimed(one, renewed, { rememberMs: 1, leaseMs: windowMs }) },
        ]
        assert.equal(await one.renew(held[1]?.lease ?? assert.fail(), longMs), true)
        await bench.pass(windowMs)
        return held
      })
      await other.put(sampleEvent({ id: 'later' }), remembered) // so that forgotten keys are deleted
      for (const { event, lease } of leases) {
        const result = await other.claim(event, leased)
        assert.equal(result.outcome, 'in_progress', 'the lease was forgotten with the key')
        assert.equal(await one.confirm(lease, event, remembered), true)
        await assertDuplicate(other, event)
      }
    },
  ),

  inboxTest(
    'I029',
    'MUST answer `in_progress` to what was reconciled while a lease runs on its delivery, for however long: it was renewed, or the lease on another of that name has ended',
    async (bench) => {
      const [one, other] = [await bench.open(), await bench.open()]
      const names = await bench.withinWindow(async (windowMs) => {
        const short = { rememberMs: 1, leaseMs: windowMs }
        const delivered = (id: string, alias: string) =>
          sampleEvent({ id: `evt_${id}_${windowMs}`, aliases: [alias] })
        const [renewed, beside] = [`acme:renewed_${windowMs}`, `acme:beside_${windowMs}`]
        const lease = await claimed(one, delivered('renewed', renewed), short)
        assert.equal(await one.renew(lease, longMs), true)
        await claimed(one, delivered('long', beside))
        await claimed(one, delivered('short', beside), short)
        await bench.pass(windowMs)
        return [renewed, beside]
      })
      for (const name of names) {
        const listed = sampleEvent({ id: `listed_${name}`, aliases: [name], origin: 'reconciled' })
        const { outcome } = await other.put(listed, remembered)
        assert.equal(outcome, 'in_progress', `${name} was forgotten, though a lease runs`)
      }
    },
  ),
]
