import assert from 'node:assert/strict'
import type { Inbox } from '@hookport/core'
import { inboxTest } from '../bench/inbox-test.ts'
import { consumingAll } from '../bench/recorded-consumer.ts'
import { claimed } from '../steps/claimed.ts'
import { assertCounts, assertGone, assertSame, assertState } from '../steps/expectations.ts'
import { done, longMs, noProgress, remembered, sampleEvent, sampleEvents } from '../steps/sample-event.ts'

export const closeTests = [
  inboxTest(
    'I100',
    'MUST take no more events after stop, and wait for those that are being handled',
    async (bench) => {
      const [one, other] = [await bench.open(), await bench.open()]
      const gate = bench.gate()
      const event = sampleEvent()
      const { consumer, turns } = bench.consume(one, async () => {
        await gate.opened
        return done
      })
      await one.put(event, remembered)
      await bench.eventually(() => assert.equal(turns.length, 1))
      let stopped = false
      const stopping = consumer.stop().then(() => {
        stopped = true
      })
      assert.equal(consumer.stop(), consumer.stop(), 'a second call returns the same promise')
      await bench.settle()
      assert.equal(stopped, false, 'stop resolved while an event was being handled')
      gate.open()
      await bench.settled(stopping, 'stop')
      await bench.eventually(() => assertGone(other, event.key))
      const later = sampleEvent({ id: 'later' })
      await other.put(later, remembered)
      await bench.settle()
      assert.equal(turns.length, 1, 'an event was handed out after stop')
      const next = bench.consume(one, async () => done)
      await bench.eventually(() => assertGone(other, later.key))
      assert.deepEqual(next.ids, ['later'])
    },
  ),

  inboxTest(
    'I101',
    'MUST leave due events to other processes at stop, or finish them first if the inbox is not durable',
    async (bench) => {
      const [one, other] = [await bench.open(), await bench.open()]
      const gate = bench.gate()
      const work = async () => {
        await gate.opened
        return done
      }
      const { consumer, turns } = bench.consume(one, work, { concurrency: 2 })
      for (const event of sampleEvents(6)) await one.put(event, remembered)
      await bench.eventually(() => assert.equal(turns.length, 2))
      const stopping = consumer.stop()
      gate.open()
      await bench.settled(stopping, 'stop')
      assert.equal(turns.length, bench.durable ? 2 : 6)
      await bench.eventually(() => assertCounts(other, bench.durable ? { pending: 4 } : {}))
      const next = bench.consume(other, work)
      await bench.eventually(() => assertCounts(other, {}))
      assert.equal(turns.length + next.turns.length, 6)
    },
  ),

  inboxTest('I102', 'MUST wait at close for events that are being handled', async (bench) => {
    const inbox = await bench.open()
    const gate = bench.gate()
    const order: string[] = []
    const { turns } = bench.consume(inbox, async () => {
      await gate.opened
      order.push('handled')
      return done
    })
    await inbox.put(sampleEvent(), remembered)
    await bench.eventually(() => assert.equal(turns.length, 1))
    const closing = inbox.close().then(() => order.push('closed'))
    await bench.settle()
    gate.open()
    await bench.settled(closing, 'close')
    assert.deepEqual(order, ['handled', 'closed'])
  }),

  inboxTest('I103', 'MUST reject every call after close with `inbox_closed`', async (bench) => {
    const inbox = await bench.open()
    const event = sampleEvent()
    const lease = await claimed(inbox, sampleEvent({ id: 'claimed' }))
    const burial = { progress: noProgress, failures: [], ...remembered }
    await bench.settled(inbox.close(), 'close')
    const calls: Record<
      Exclude<keyof Inbox, 'name' | 'durable' | 'store' | 'close' | 'findRisks' | 'notes' | 'knows'>,
      () => unknown
    > = {
      put: () => inbox.put(event, remembered),
      claim: () => inbox.claim(event, { ...remembered, leaseMs: longMs }),
      renew: () => inbox.renew(lease, longMs),
      confirm: () => inbox.confirm(lease, event, remembered),
      release: () => inbox.release(lease, noProgress, true),
      bury: () => inbox.bury(lease, event, burial),
      park: () => inbox.park(lease, event, burial),
      consume: () => inbox.consume(async () => done, consumingAll),
      counts: () => inbox.counts(),
      list: () => inbox.list(),
      get: () => inbox.get(event.key),
      redrive: () => inbox.redrive(event.key),
      replay: () => inbox.replay(event.key, { id: 'r1' }),
      discard: () => inbox.discard(event.key),
    }
    for (const [name, call] of Object.entries(calls)) {
      await assert.rejects(async () => call(), { code: 'inbox_closed' }, name)
    }
  }),

  inboxTest('I104', 'MUST return the same promise from every call of close', async (bench) => {
    const inbox = await bench.open()
    const closing = inbox.close()
    assert.equal(inbox.close(), closing)
    await bench.settled(closing, 'close')
    assert.equal(inbox.close(), closing)
  }),

  inboxTest('I105', 'MUST NOT disturb other instances when one is closed', async (bench) => {
    const [one, other] = [await bench.open(), await bench.open()]
    bench.consume(one, async () => done)
    const { turns } = bench.consume(other, async () => done)
    await bench.settled(one.close(), 'close')
    assertSame(await other.put(sampleEvent(), remembered), { outcome: 'accepted' })
    await bench.eventually(() => assertGone(other, sampleEvent().key))
    assert.equal(turns.length, 1)
  }),

  inboxTest('I106', 'MUST say what it is called, and truthfully whether it is durable', async (bench) => {
    const inbox = await bench.open()
    assert.match(inbox.name, /^\S+$/)
    assert.equal(inbox.durable, bench.durable)
    await inbox.put(sampleEvent(), remembered)
    await assertState(inbox, sampleEvent().key, 'pending')
  }),
  inboxTest(
    'I107',
    'MUST name its store, the same for every instance, and no other the same',
    async (bench) => {
      const [one, other] = [await bench.open(), await bench.open()]
      const stranger = await bench.openAnotherStore()
      assert.match(one.store, /\S/)
      assert.equal(other.store, one.store)
      assert.notEqual(stranger.store, one.store)
    },
  ),
]
