import assert from 'node:assert/strict'
import type { EventRecord, Failure, Inbox } from '@hookport/core'
import type { Bench } from '../bench/bench.ts'
import { inboxTest } from '../bench/inbox-test.ts'
import { awkwardKeyIds, awkwardTexts, mebibyte } from '../steps/awkward-texts.ts'
import {
  assertCounts,
  assertDuplicate,
  assertGone,
  assertSame,
  assertSameEvent,
  assertState,
  keptEvent,
} from '../steps/expectations.ts'
import { dead, done, remembered, sampleEvent, sampleFailure } from '../steps/sample-event.ts'

/** Checks that an event comes back unchanged: when looked up, when handed out, and as a dead letter. */
async function assertRoundTrip(
  bench: Bench,
  inboxes: [Inbox, Inbox],
  events: readonly EventRecord[],
): Promise<void> {
  const [one, other] = inboxes
  for (const event of events) {
    assertSame(await one.put(event, remembered), { outcome: 'accepted' })
    assertSameEvent(await keptEvent(other, event.key), event)
  }
  const { turns, consumer } = bench.consume(other, async () => dead())
  await bench.settled(consumer.idle(), 'idle')
  assert.equal(turns.length, events.length)
  const handedOut = new Map(turns.map(({ attempt }) => [attempt.event.key, attempt.event]))
  for (const event of events) {
    const found = handedOut.get(event.key)
    assert.ok(found, `${event.key.slice(0, 80)} was not handed out`)
    assertSameEvent(found, event)
    await bench.eventually(() => assertState(one, event.key, 'dead'))
    assertSameEvent(await keptEvent(one, event.key), event)
    await assertDuplicate(one, event)
  }
}

async function openTwo(bench: Bench): Promise<[Inbox, Inbox]> {
  return [await bench.open(), await bench.open()]
}

export const fidelityTests = [
  inboxTest('I080', 'MUST keep any id exactly', async (bench) => {
    await assertRoundTrip(
      bench,
      await openTwo(bench),
      awkwardTexts.map((id) => sampleEvent({ id })),
    )
  }),

  inboxTest('I081', 'MUST keep any type exactly, and find it again in a list', async (bench) => {
    const inboxes = await openTwo(bench)
    const events = awkwardTexts.map((type, index) => sampleEvent({ id: `evt_${index}`, type }))
    await assertRoundTrip(bench, inboxes, events)
    for (const { id, type } of events) {
      const { items } = await inboxes[0].list({ type })
      assert.deepEqual(
        items.map((item) => item.id),
        [id],
        `list of type ${type.slice(0, 80)}`,
      )
    }
  }),

  inboxTest('I082', 'MUST keep any body exactly: empty, with every byte, of 1 MiB', async (bench) => {
    const bodies = [
      Buffer.alloc(0),
      Buffer.from(Array.from({ length: 256 }, (_, byte) => byte)),
      Buffer.from([0xff, 0xfe, 0x00, 0xc3, 0x28, 0xed, 0xa0, 0x80]),
      Buffer.from('{"text":"\ufeff🪝"}\r\n'),
      new Uint8Array(Buffer.from('--view of a part--')).subarray(2, 16),
      Buffer.alloc(mebibyte, Buffer.from(Array.from({ length: 251 }, (_, byte) => byte + 5))),
    ]
    const events = bodies.map((rawBody, index) => sampleEvent({ id: `evt_${index}`, rawBody }))
    await assertRoundTrip(bench, await openTwo(bench), events)
  }),

  inboxTest('I083', 'MUST keep times and fingerprints exactly, up to 2^48 - 1', async (bench) => {
    const numbers = [0, 1, 2 ** 31 - 1, 2 ** 31, 2 ** 32, 2 ** 48 - 1]
    const events = numbers.map((number, index) =>
      sampleEvent({ id: `evt_${index}`, createdAt: number, receivedAt: number, fingerprint: number }),
    )
    await assertRoundTrip(bench, await openTwo(bench), events)
  }),

  inboxTest('I084', 'MUST distinguish any two keys', async (bench) => {
    const inbox = await bench.open()
    const longSource = 'p'.repeat(40)
    const ids = awkwardKeyIds.map((id) => sampleEvent({ id }))
    const events = [...ids, ...ids.map(({ id }) => sampleEvent({ id, source: longSource }))]
    for (const event of events)
      assertSame(await inbox.put(event, remembered), { outcome: 'accepted' }, event.key)
    for (const event of events) {
      assertSameEvent(await keptEvent(inbox, event.key), event)
      await assertDuplicate(inbox, event)
    }
    const recorded = ['acme', longSource].map((source) =>
      bench.consume(inbox, async ({ event }) => (event.id.length % 2 ? dead() : done), { source }),
    )
    await Promise.all(recorded.map(({ consumer }) => bench.settled(consumer.idle(), 'idle')))
    const keys = recorded.flatMap(({ attempts }) => attempts.map(({ event }) => event.key))
    assert.deepEqual(keys.sort(), events.map(({ key }) => key).sort())
    for (const { key, id } of events) {
      if (id.length % 2) await bench.eventually(() => assertState(inbox, key, 'dead'))
      else await bench.eventually(() => assertGone(inbox, key))
    }
  }),

  inboxTest('I085', 'MUST keep progress and failures exactly, whatever text is in them', async (bench) => {
    const inbox = await bench.open()
    const texts = awkwardTexts.filter((text) => text.length < 1_000)
    const failures: Failure[] = texts.map((text, at) => ({
      handler: text,
      code: text,
      message: text,
      stack: text,
      at,
    }))
    const withoutStack: Failure = { handler: null, code: 'error', message: '', at: 2 ** 48 - 1 }
    const progress = { completed: texts, abandoned: [...failures, withoutStack] }
    const event = sampleEvent()
    bench.consume(inbox, async () => dead({ progress, failures: [withoutStack, ...failures] }))
    await inbox.put(event, remembered)
    await bench.eventually(() => assertState(inbox, event.key, 'dead'))
    const kept = await keptEvent(inbox, event.key)
    assertSame(kept.progress, progress)
    assertSame(kept.failures, [withoutStack, ...failures])
  }),
  inboxTest('I086', 'MUST keep every field of a record exactly', async (bench) => {
    const whole = sampleEvent({
      id: 'whole',
      tenant: 'acct_1',
      origin: 'reconciled',
      aliases: ['acme:run_1', 'acme@acct_1:~9f'],
      orderKey: 'order 🪝 \u0000 1',
      orderRank: -0.5,
      request: {
        url: '/hooks/acme?a=%00&b=é',
        headers: { 'x-acme-type': 'order.paid', 'x-empty': '', cookie: '"\\' },
      },
      trace: { traceparent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`, tracestate: 'vendor=1,other=é' },
    })
    const bare = sampleEvent({
      id: 'bare',
      trace: { traceparent: `00-${'c'.repeat(32)}-${'d'.repeat(16)}-00` },
    })
    const unread = sampleEvent({
      id: 'unread',
      type: 'unreadable',
      unreadable: true,
      request: { url: '/', headers: {} },
    })
    const inboxes = await openTwo(bench)
    await assertRoundTrip(bench, inboxes, [whole, bare, unread])
    const { items } = await inboxes[1].list()
    for (const event of [whole, bare, unread]) {
      const listed = items.find(({ key }) => key === event.key)
      assert.ok(listed)
      assertSameEvent({ ...listed, rawBody: event.rawBody }, event)
    }
  }),

  inboxTest('I087', 'MUST keep any tenant exactly, and find its events by it', async (bench) => {
    const inboxes = await openTwo(bench)
    const tenants = awkwardTexts.filter((text) => text.length < 1_000)
    const events = tenants.map((tenant) => sampleEvent({ tenant }))
    await assertRoundTrip(bench, inboxes, [...events, sampleEvent()])
    for (const { tenant, key } of events) {
      const { items } = await inboxes[0].list({ tenant: tenant ?? '' })
      assert.deepEqual(
        items.map((item) => item.key),
        [key],
        `list of tenant ${tenant}`,
      )
      await assertCounts(inboxes[1], { dead: 1 }, 'acme', tenant)
    }
  }),

  inboxTest('I088', 'MUST keep lone surrogates in ids, types and tenants', async (bench) => {
    const inboxes = await openTwo(bench)
    const texts = ['\ud800', '\udfff', 'a\udc00b', '\ud83e\ud83e']
    const events = texts.flatMap((text, index) => [
      sampleEvent({ id: text }),
      sampleEvent({ id: `type_${index}`, type: text }),
      sampleEvent({ id: `tenant_${index}`, tenant: text }),
    ])
    await assertRoundTrip(bench, inboxes, events)
    for (const text of texts) {
      const { items: ofType } = await inboxes[0].list({ type: text })
      assert.equal(ofType.length, 1, 'list of a type')
      const { items: ofTenant } = await inboxes[0].list({ tenant: text })
      assert.equal(ofTenant.length, 1, 'list of a tenant')
    }
  }),

  inboxTest(
    'I089',
    'MUST answer that there is no such event, and not fail, whatever text it is asked for',
    async (bench) => {
      const inbox = await bench.open()
      const event = sampleEvent({ id: 'dead' })
      await inbox.put(event, { ...remembered, failure: sampleFailure })
      const texts = awkwardTexts.filter((text) => text.length < 1_000)
      for (const text of texts.flatMap((one) => [one, `acme:${one}`])) {
        const name = JSON.stringify(text)
        assert.equal(await inbox.get(text), undefined, `get ${name}`)
        assert.equal(await inbox.redrive(text), false, `redrive ${name}`)
        assert.equal(await inbox.replay(text, { id: 'any' }), false, `replay ${name}`)
        assert.equal(await inbox.discard(text), false, `discard ${name}`)
        assert.equal((await inbox.knows?.([text])) ?? false, false, `knows ${name}`)
        await assertCounts(inbox, {}, text)
        for (const part of ['source', 'type', 'tenant', 'idIncludes']) {
          const { items } = await inbox.list({ [part]: text })
          assert.deepEqual(items, [], `list by ${part} ${name}`)
        }
      }
      await assertCounts(inbox, { dead: 1 })
    },
  ),
]
