import type { EventRecord } from '@hookport/core'
import { eventRecord } from '@hookport/testkit/inbox/event-records'
import { expect, test } from 'vitest'
import { machine } from './support/machine.ts'
import { counts, handleAll, rowsOf, temporaryFile, testInbox, watchFile } from './support/test-inbox.ts'

const hour = 3_600_000
const rememberMs = hour

const delivery = (id: string, ...aliases: string[]): EventRecord =>
  eventRecord({ id, ...(aliases.length > 0 && { aliases: aliases.map((name) => `acme:${name}`) }) })
const reconciled = (id: string, ...aliases: string[]): EventRecord => ({
  ...delivery(id, ...aliases),
  origin: 'reconciled',
  fingerprint: 99,
})

const accepted = { outcome: 'accepted' }
const duplicate = { outcome: 'duplicate', conflict: false }

function inEitherOrder(one: EventRecord, other: EventRecord) {
  return [
    [one, other],
    [other, one],
  ] as const
}

test.each<[string, EventRecord, EventRecord]>([
  ['the key of what was reconciled is a name of the delivery', delivery('d', 'run'), reconciled('run')],
  ['the key of the delivery is a name of what was reconciled', delivery('d'), reconciled('r', 'd')],
  ['both have a name in common', delivery('d', 'run'), reconciled('r', 'run')],
])(
  'a delivery and what was reconciled are one happening where %s, in either order',
  async (_, one, other) => {
    for (const [first, second] of inEitherOrder(one, other)) {
      const inbox = testInbox()
      expect(await inbox.put(first, { rememberMs })).toEqual(accepted)
      expect(await inbox.put(second, { rememberMs })).toEqual(duplicate)
      expect(await inbox.claim(second, { rememberMs, leaseMs: 1_000 })).toEqual(duplicate)
      expect(await inbox.counts()).toEqual(counts({ pending: 1 }))
      await handleAll(inbox)
      expect(await inbox.put(second, { rememberMs })).toEqual(duplicate)
    }
  },
)

test.each<[string, EventRecord, EventRecord]>([
  ['two deliveries', delivery('one', 'run'), delivery('two', 'run')],
  ['a delivery whose key is a name of another', delivery('one', 'two'), delivery('two')],
  ['two that were reconciled', reconciled('one', 'run'), reconciled('two', 'run')],
  ['one that was reconciled, whose key is a name of another', reconciled('one', 'two'), reconciled('two')],
  [
    'a delivery and what was reconciled without a name in common',
    delivery('one', 'a'),
    reconciled('two', 'b'),
  ],
])('%s are never one by a name, in either order', async (_, one, other) => {
  for (const [first, second] of inEitherOrder(one, other)) {
    const inbox = testInbox()
    expect(await inbox.put(first, { rememberMs })).toEqual(accepted)
    expect(await inbox.put(second, { rememberMs })).toEqual(accepted)
  }
})

test('names are remembered as long as their key, and no longer', async () => {
  const path = temporaryFile()
  const { time, process } = machine()
  const inbox = testInbox({ path, clock: process() })
  await inbox.put(delivery('d', 'run'), { rememberMs })
  await handleAll(inbox)
  await time.advance(rememberMs - 1)
  expect(await inbox.put(reconciled('run'), { rememberMs })).toEqual(duplicate)
  await time.advance(1)
  expect(await inbox.put(reconciled('run'), { rememberMs })).toEqual(accepted)
  await handleAll(inbox)
  await time.advance(rememberMs)
  await inbox.put(eventRecord({ id: 'touch' }), { rememberMs })
  await expect.poll(() => rowsOf(watchFile(path), 'aliases')).toBe(0)
})

test('a key that was reconciled, forgotten and then delivered has the names of the delivery', async () => {
  const { time, process } = machine()
  const inbox = testInbox({ clock: process() })
  await inbox.put(reconciled('run', 'old'), { rememberMs })
  await handleAll(inbox)
  await time.advance(rememberMs)
  expect(await inbox.put(delivery('run', 'new'), { rememberMs })).toEqual(accepted)
  expect(await inbox.put(delivery('other', 'run', 'old'), { rememberMs })).toEqual(accepted)
  expect(await inbox.put(reconciled('r', 'new'), { rememberMs })).toEqual(duplicate)
})

test('a delivery that was claimed and confirmed is known by its names', async () => {
  const inbox = testInbox()
  const event = delivery('d', 'run')
  const claim = await inbox.claim(event, { rememberMs, leaseMs: 1_000 })
  if (claim.outcome !== 'claimed') expect.unreachable()
  expect(await inbox.confirm(claim.lease, event, { rememberMs })).toBe(true)
  expect(await inbox.put(reconciled('run'), { rememberMs })).toEqual(duplicate)
})

test.each<[string, EventRecord, EventRecord]>([
  ['its key', delivery('run'), reconciled('run')],
  ['a name of its', delivery('d', 'run'), reconciled('run')],
  ['a name of both', delivery('d', 'run'), reconciled('r', 'run')],
])(
  'what was reconciled comes back while a lease runs on a delivery of %s, and nothing changes',
  async (_, claimed, found) => {
    const path = temporaryFile()
    const { time, process } = machine()
    const inbox = testInbox({ path, clock: process() })
    const claim = await inbox.claim(claimed, { rememberMs, leaseMs: 30_000 })
    if (claim.outcome !== 'claimed') expect.unreachable()
    await time.advance(10_000)
    expect(await inbox.put(found, { rememberMs })).toEqual({ outcome: 'in_progress', retryAfterMs: 20_000 })
    expect(await inbox.put(reconciled('other'), { rememberMs })).toEqual(accepted)
    expect(await inbox.release(claim.lease, claim.lease.progress, true)).toBe(true)
    expect(await inbox.put(found, { rememberMs })).toEqual(accepted)
    expect(await inbox.claim(claimed, { rememberMs, leaseMs: 30_000 })).toEqual(duplicate)
    await handleAll(inbox)
    await time.advance(rememberMs)
    await inbox.put(eventRecord({ id: 'touch' }), { rememberMs })
    await expect.poll(() => rowsOf(watchFile(path), 'aliases')).toBe(0)
  },
)

test('a delivery that is claimed anew keeps its names when what was remembered of it before is tidied away', async () => {
  const path = temporaryFile()
  const { time, process } = machine()
  const inbox = testInbox({ path, clock: process() })
  const remembered = watchFile(path).prepare("SELECT 1 FROM ids WHERE key = 'acme:d'")
  await inbox.put(delivery('d', 'run'), { rememberMs })
  await handleAll(inbox)
  await time.advance(rememberMs - 1)
  await inbox.put(eventRecord({ id: 'tidies' }), { rememberMs })
  await time.advance(1)
  expect(await inbox.claim(delivery('d', 'run'), { rememberMs, leaseMs: 30_000 })).toMatchObject({
    outcome: 'claimed',
  })
  expect(remembered.get(), 'not tidied away yet').toBeDefined()
  await time.advance(10_000)
  await inbox.put(eventRecord({ id: 'tidies too' }), { rememberMs })
  await expect.poll(() => remembered.get()).toBeUndefined()
  expect(await inbox.put(reconciled('run'), { rememberMs })).toEqual({
    outcome: 'in_progress',
    retryAfterMs: 20_000,
  })
})

test('a body that differs is a conflict between two deliveries, and not with what was reconciled', async () => {
  const inbox = testInbox()
  await inbox.put(delivery('d'), { rememberMs })
  expect(await inbox.put({ ...delivery('d'), fingerprint: 2 }, { rememberMs })).toEqual({
    outcome: 'duplicate',
    conflict: true,
  })
  expect(await inbox.put(reconciled('d'), { rememberMs })).toEqual(duplicate)
  await inbox.put(reconciled('r'), { rememberMs })
  expect(await inbox.put(delivery('r'), { rememberMs })).toEqual(duplicate)
})

test('a body that differs is a conflict between two deliveries also where other events have names', async () => {
  const inbox = testInbox()
  await inbox.put(delivery('other', 'name'), { rememberMs })
  await inbox.put(delivery('d'), { rememberMs })
  expect(await inbox.put({ ...delivery('d'), fingerprint: 2 }, { rememberMs })).toEqual({
    outcome: 'duplicate',
    conflict: true,
  })
})

test('names count at once, for what is put in the same transaction too', async () => {
  const inbox = testInbox()
  const puts = [reconciled('run'), delivery('d', 'run')].map((event) => inbox.put(event, { rememberMs }))
  expect(await Promise.all(puts)).toEqual([accepted, duplicate])
})

test('a delivery and what another process over the file has reconciled are one happening', async () => {
  const path = temporaryFile()
  const { process } = machine()
  const [one, other] = [testInbox({ path, clock: process() }), testInbox({ path, clock: process() })]
  await one.put(eventRecord({ id: 'touch' }), { rememberMs }) // when there are no names yet
  expect(await other.put(reconciled('run'), { rememberMs })).toEqual(accepted)
  expect(await one.put(delivery('d', 'run'), { rememberMs })).toEqual(duplicate)
})

test('what was taken on already does not wait for a lease on another delivery of its name', async () => {
  const inbox = testInbox()
  await inbox.put(delivery('one', 'run'), { rememberMs })
  await inbox.claim(delivery('two', 'run'), { rememberMs, leaseMs: 30_000 })
  expect(await inbox.put(reconciled('run'), { rememberMs })).toEqual(duplicate)
})

test.each(['park', 'bury'] as const)(
  'what was reconciled and claimed, and delivered meanwhile, is kept once: %s',
  async (settle) => {
    const inbox = testInbox()
    const claim = await inbox.claim(reconciled('run'), { rememberMs, leaseMs: 30_000 })
    if (claim.outcome !== 'claimed') expect.unreachable()
    expect(await inbox.put(delivery('d', 'run'), { rememberMs })).toEqual(accepted)
    const burial = { progress: claim.lease.progress, failures: [], rememberMs }
    expect(await inbox[settle](claim.lease, reconciled('run'), burial)).toBe(true)
    expect(await inbox.counts()).toEqual(counts({ pending: 1 }))
  },
)

test('events without names leave none, and all parts of a record are kept', async () => {
  const path = temporaryFile()
  const inbox = testInbox({ path })
  const full: EventRecord = {
    ...eventRecord({ id: 'full' }),
    key: 'acme@t:full',
    tenant: 'ten\0ant \ud800',
    aliases: ['acme@t:run'],
    orderKey: 'order\0 \ud800',
    request: { url: '/webhook?x=ü', headers: { 'x-signature': 'a\0b' } },
    trace: { traceparent: '00-1-2-01', tracestate: 'a=b' },
    unreadable: true,
    rawBody: Buffer.alloc(3_000, 'x'),
  }
  await inbox.put(eventRecord({ id: 'plain' }), { rememberMs })
  expect(rowsOf(watchFile(path), 'aliases')).toBe(0)
  await inbox.put(full, { rememberMs })
  expect(await inbox.get(full.key)).toMatchObject(full)
  expect(await inbox.get('acme:plain')).not.toHaveProperty('tenant')
  expect(await inbox.counts({ tenant: 'ten\0ant \ud800' })).toEqual(counts({ pending: 1 }))
  expect((await inbox.list({ tenant: 'ten\0ant \ud800' })).items).toHaveLength(1)
})
