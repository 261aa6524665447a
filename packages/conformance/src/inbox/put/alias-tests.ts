import assert from 'node:assert/strict'
import type { EventRecord, Inbox } from '@hookport/core'
import { inboxTest } from '../bench/inbox-test.ts'
import { claimed } from '../steps/claimed.ts'
import { assertCounts, assertGone, assertSame } from '../steps/expectations.ts'
import { dead, done, longMs, noProgress, remembered, sampleEvent } from '../steps/sample-event.ts'

const accepted = { outcome: 'accepted' }
const duplicate = { outcome: 'duplicate', conflict: false }
const alias = 'acme:run_1'

/** A delivery and a reconciled event of the same occurrence. They have a common alias, or the key of one is an alias of the other. */
const pairs: Record<string, [delivery: EventRecord, reconciled: EventRecord]> = {
  'an alias in common': [delivered('d1', [alias, 'acme:other']), reconciled('r1', ['acme:more', alias])],
  'the key of the delivery': [delivered('d2', undefined), reconciled('r2', ['acme:d2'])],
  'the key of what was reconciled': [delivered('d3', ['acme:r3']), reconciled('r3', undefined)],
  'the same key': [delivered('same', undefined), reconciled('same', undefined)],
}

function delivered(id: string, aliases: string[] | undefined): EventRecord {
  return sampleEvent({ id, aliases })
}

/** Its body comes from the provider's list, so it is different. */
function reconciled(id: string, aliases: string[] | undefined): EventRecord {
  return sampleEvent({
    id,
    aliases,
    origin: 'reconciled',
    fingerprint: 2,
    rawBody: Buffer.from('{"listed":true}'),
  })
}

async function assertKnown(inbox: Inbox, event: EventRecord, what: string): Promise<void> {
  assertSame(await inbox.put(event, remembered), duplicate, `put: ${what}`)
  assertSame(await inbox.claim(event, { rememberMs: longMs, leaseMs: longMs }), duplicate, `claim: ${what}`)
}

export const aliasTests = [
  inboxTest(
    'I170',
    'MUST treat a reconciled event as a duplicate of its delivery, whatever the state of that delivery',
    async (bench) => {
      const [one, other] = [await bench.open(), await bench.open()]
      for (const [what, [delivery, listed]] of Object.entries(pairs)) {
        assertSame(await one.put(delivery, remembered), accepted, what)
        await assertKnown(other, listed, what)
      }
      bench.consume(one, async ({ event }) => (event.id === 'd1' ? dead() : done))
      await bench.eventually(() => assertCounts(other, { dead: 1 }))
      for (const [what, [, listed]] of Object.entries(pairs))
        await assertKnown(one, listed, `${what}, handled`)
      assert.equal(await one.discard(delivered('d1', undefined).key), true)
      for (const [what, [, listed]] of Object.entries(pairs)) await assertKnown(one, listed, `${what}, gone`)
    },
  ),

  inboxTest(
    'I171',
    'MUST treat a delivery as a duplicate of a reconciled event, whatever the state of that event',
    async (bench) => {
      const [one, other] = [await bench.open(), await bench.open()]
      for (const [what, [delivery, listed]] of Object.entries(pairs)) {
        assertSame(await one.put(listed, remembered), accepted, what)
        await assertKnown(other, delivery, what)
      }
      bench.consume(one, async ({ event }) => (event.id === 'r1' ? dead() : done))
      await bench.eventually(() => assertCounts(other, { dead: 1 }))
      for (const [what, [delivery]] of Object.entries(pairs))
        await assertKnown(one, delivery, `${what}, handled`)
    },
  ),

  inboxTest(
    'I172',
    'MUST NOT compare two deliveries, nor two reconciled events, by their aliases',
    async (bench) => {
      const inbox = await bench.open()
      for (const make of [delivered, reconciled]) {
        const [first, second] = [
          make(`${make.name}1`, [`acme:${make.name}`]),
          make(`${make.name}2`, [`acme:${make.name}`]),
        ]
        const third = make(`${make.name}3`, [first.key])
        for (const event of [first, second, third])
          assertSame(await inbox.put(event, remembered), accepted, event.id)
      }
      await assertCounts(inbox, { pending: 6 })
    },
  ),

  inboxTest('I173', 'MUST accept one of a racing delivery and what was reconciled of it', async (bench) => {
    const inboxes = await bench.openSeveral(4)
    for (let round = 0; round < 5; round++) {
      const name = [`acme:race_${round}`]
      const events = [delivered(`d${round}`, name), reconciled(`r${round}`, name)]
      const race = inboxes.flatMap((inbox) => events.map(async (event) => inbox.put(event, remembered)))
      const outcomes = (await Promise.all(race)).map(({ outcome }) => outcome)
      assert.equal(outcomes.filter((outcome) => outcome === 'accepted').length, 1)
      assert.equal(outcomes.filter((outcome) => outcome === 'duplicate').length, outcomes.length - 1)
    }
  }),

  inboxTest(
    'I174',
    'MUST answer `in_progress` to what was reconciled while a lease runs on its delivery',
    async (bench) => {
      const [one, other] = [await bench.open(), await bench.open()]
      for (const [what, [delivery, listed]] of Object.entries(pairs)) {
        const lease = await claimed(one, delivery)
        const answer = await other.put(listed, remembered)
        assert.ok(answer.outcome === 'in_progress', `${what}: put was answered ${answer.outcome}`)
        assert.ok(answer.retryAfterMs > 0 && answer.retryAfterMs <= longMs, `${what}: retryAfterMs`)
        assert.equal(await one.renew(lease, longMs), true, `${what}: the lease was lost`)
        assert.equal(await one.confirm(lease, delivery, remembered), true, what)
        await assertKnown(other, listed, what)
      }
      await assertCounts(one, {})
    },
  ),

  inboxTest(
    'I175',
    'MUST accept a reconciled event when no lease runs on its delivery, and then refuse the delivery as a duplicate',
    async (bench) => {
      const inbox = await bench.open()
      const released = pairs['an alias in common']
      const expired = pairs['the key of the delivery']
      assert.ok(released && expired)
      await inbox.release(await claimed(inbox, released[0]), noProgress, true)
      await claimed(inbox, expired[0], { leaseMs: bench.unitMs })
      await bench.pass(bench.unitMs)
      for (const [delivery, listed] of [released, expired]) {
        assertSame(await inbox.put(listed, remembered), accepted)
        await assertKnown(inbox, delivery, delivery.id)
      }
    },
  ),

  inboxTest('I176', 'MUST remember aliases for rememberMs, and not at rememberMs', async (bench) => {
    const inbox = await bench.open()
    bench.consume(inbox, async () => done)
    let round = 0
    for (const isDeliveredFirst of [true, false]) {
      const { later, forgottenAt } = await bench.withinWindow(async (rememberMs) => {
        const name = [`acme:remembered_${++round}`]
        const events = [delivered(`d${round}`, name), reconciled(`r${round}`, name)]
        const [earlier, later] = isDeliveredFirst ? events : events.reverse()
        assert.ok(earlier && later)
        const startedAt = bench.now()
        assertSame(await inbox.put(earlier, { rememberMs }), accepted)
        const takenOnAt = bench.now()
        await bench.eventually(() => assertGone(inbox, earlier.key))
        await bench.passUntilJustBefore(startedAt + rememberMs)
        await assertKnown(inbox, later, later.id)
        return { later, forgottenAt: takenOnAt + rememberMs }
      })
      await bench.passUntil(forgottenAt)
      assertSame(await inbox.put(later, remembered), accepted, 'the alias is remembered after rememberMs')
    }
  }),
]

export const keptNamesTests = [
  inboxTest(
    'I015',
    'MUST know a kept event by all its names, and as a duplicate of the other origin, even after rememberMs',
    async (bench) => {
      const inbox = await bench.open()
      bench.consume(inbox, async () => dead())
      const all = Object.entries(pairs).flatMap(([what, [delivery, listed]]) => [
        { what: `${what}, delivered`, kept: delivery, later: listed },
        { what: `${what}, reconciled`, kept: listed, later: delivery },
      ])
      for (const { what, kept, later } of all) {
        assertSame(await inbox.put(kept, { rememberMs: bench.unitMs }), accepted, what)
        await bench.eventually(() => assertCounts(inbox, { dead: 1 }))
        await bench.pass(2 * bench.unitMs)
        await assertKnown(inbox, later, what)
        for (const name of [kept.key, ...(kept.aliases ?? [])])
          assert.equal((await inbox.knows?.([name])) ?? true, true, `${name}, ${what}`)
        assert.equal(await inbox.discard(kept.key), true)
        assertSame(await inbox.put(later, { rememberMs: bench.unitMs }), accepted, `${what}, discarded`)
        await bench.eventually(() => assertCounts(inbox, { dead: 1 }))
        assert.equal(await inbox.discard(later.key), true)
        await bench.pass(2 * bench.unitMs)
      }
    },
  ),

  inboxTest(
    'I016',
    'MUST know a name that several deliveries have for as long as one of them is remembered, whichever that is',
    async (bench) => {
      const inbox = await bench.open()
      bench.consume(inbox, async () => done)
      const takenOn: Record<string, (event: EventRecord, rememberMs: number) => Promise<void>> = {
        async handled(event, rememberMs) {
          await inbox.put(event, { rememberMs })
          await bench.eventually(() => assertGone(inbox, event.key))
        },
        async confirmed(event, rememberMs) {
          const result = await inbox.claim(event, { rememberMs, leaseMs: longMs })
          if (result.outcome === 'claimed') await inbox.confirm(result.lease, event, { rememberMs })
        },
      }
      const shortMs = 5 * bench.unitMs
      for (const [how, takeOn] of Object.entries(takenOn))
        for (const [order, times] of Object.entries({ first: [longMs, shortMs], last: [shortMs, longMs] })) {
          const names = [`acme:${how}_${order}`]
          for (const [index, rememberMs] of times.entries())
            await takeOn(delivered(`${how}_${order}_${index}`, names), rememberMs)
        }
      await bench.pass(shortMs)
      for (const how of Object.keys(takenOn))
        for (const order of ['first', 'last']) {
          const what = `${how}, the ${order} one is remembered`
          assert.equal((await inbox.knows?.([`acme:${how}_${order}`])) ?? true, true, `knows: ${what}`)
          await assertKnown(inbox, reconciled(`listed_${how}_${order}`, [`acme:${how}_${order}`]), what)
        }
    },
  ),

  inboxTest(
    'I017',
    'MUST know an event that is taken on anew by the aliases that it has then, and not by those that it had before',
    async (bench) => {
      const inbox = await bench.open()
      bench.consume(inbox, async () => done)
      const before = { d: delivered('d', ['acme:old d']), r: reconciled('r', ['acme:old r']) }
      for (const event of Object.values(before)) {
        assertSame(await inbox.put(event, { rememberMs: bench.unitMs }), accepted)
        await bench.eventually(() => assertGone(inbox, event.key))
      }
      await bench.pass(2 * bench.unitMs)
      for (const id of Object.keys(before)) {
        assertSame(await inbox.put(delivered(id, [`acme:new ${id}`]), remembered), accepted, id)
        const listed = reconciled(`listed ${id}`, [`acme:old ${id}`])
        assertSame(await inbox.put(listed, remembered), accepted, `the earlier alias of ${id}`)
        await assertKnown(inbox, reconciled(`again ${id}`, [`acme:new ${id}`]), `the alias of ${id}`)
      }
    },
  ),
]
