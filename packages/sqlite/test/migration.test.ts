import { copyFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import type { Verdict } from '@hookport/core'
import { deferred } from '@hookport/testkit/deferred'
import { consumeRecorded, done } from '@hookport/testkit/inbox/attempts'
import { eventRecord } from '@hookport/testkit/inbox/event-records'
import { expect, test } from 'vitest'
import { machine } from './support/machine.ts'
import { counts, rememberMs, temporaryFile, testInbox, watchFile } from './support/test-inbox.ts'

/** When the fixtures were left. */
const leftAt = Date.parse('2026-11-20T12:00:20Z')
const secondLeftAt = Date.parse('2026-11-26T12:00:00Z')
const thirdLeftAt = Date.parse('2026-11-26T16:00:00Z')
/** When the machine had booted that wrote the third. */
const thirdUpFor = 1_020_000
const day = 86_400_000

function migrated({ version = 1, startAt = leftAt, upFor = 1_000_000 } = {}) {
  const path = temporaryFile()
  copyFileSync(join(import.meta.dirname, `fixtures/version-${version}.db`), path)
  const { time, process } = machine(startAt, upFor)
  return { path, time, inbox: testInbox({ path, clock: process(), leaseMs: 30_000 }) }
}

test('a file of version 1 keeps every event with its standing', async () => {
  const { inbox } = migrated()
  expect(await inbox.counts()).toEqual(counts({ pending: 5, scheduled: 1, active: 1, dead: 2 }))
  expect(await inbox.get('acme:scheduled')).toMatchObject({
    source: 'acme',
    origin: 'delivery',
    state: 'scheduled',
    attempt: 2,
    dueAt: leftAt - 20_000 + 600_000,
    progress: { completed: ['onEvent(order.paid)#0'], abandoned: [] },
    failures: [{ handler: 'onEvent(order.paid):mail', message: 'later' }],
  })
  expect(await inbox.get('acme:dead')).toMatchObject({
    state: 'dead',
    createdAt: leftAt - 25_000,
    receivedAt: leftAt - 20_000,
    fingerprint: 7,
    progress: {
      completed: ['onEvent(order.paid)#0', 'onEvent(order.paid):mail'],
      abandoned: [{ handler: 'onAnyEvent#0', message: 'no \0 good \ud800' }],
    },
    failures: [{ message: 'dead \0 is no good \ud800' }],
  })
})

test('what was pending in a file of version 1 is handed out, byte for byte', async () => {
  const { inbox } = migrated()
  const { attempts, consumer, ids } = consumeRecorded(inbox, async () => done, { source: 'other' })
  await consumer.idle()
  expect(ids()).toEqual(['pending', 'long', 'empty', 'a\0b \ud800 "q" \\u0041 ünï→😀', 'fraction'])
  const [, long, empty, odd, fraction] = attempts.map(({ event }) => event)
  expect(long?.rawBody.toString()).toBe('x'.repeat(5_000))
  expect(empty?.rawBody).toHaveLength(0)
  expect(odd?.type).toBe("x\0y'; DROP TABLE events; --")
  expect([...(odd?.rawBody ?? [])]).toEqual(Array.from({ length: 256 }, (_, byte) => byte))
  expect(fraction?.createdAt).toBe(leftAt - 20_000 + 0.5)
  expect(await inbox.counts({ source: 'other' })).toEqual(counts({}))
})

test('a lease and a delay of version 1 run out at their time', async () => {
  const { inbox, time } = migrated()
  const { attempts, consumer } = consumeRecorded(inbox)
  await consumer.idle()
  expect(attempts).toHaveLength(0)
  await time.advance(30_000)
  expect(attempts).toMatchObject([
    {
      event: { id: 'leased' },
      interruptions: 1,
      wasInterrupted: true,
      progress: { completed: ['onEvent(order.paid):charge'] },
    },
  ])
  await time.advance(550_000)
  expect(attempts[1]).toMatchObject({ event: { id: 'scheduled' }, attempt: 2, interruptions: 0 })
})

test('an event of version 1 that was interrupted before waits to be alone once its lease has run out, too', async () => {
  const path = temporaryFile()
  copyFileSync(join(import.meta.dirname, 'fixtures/version-1.db'), path)
  const old = new DatabaseSync(path)
  old.exec("UPDATE events SET interruptions = 1 WHERE key = 'acme:leased'")
  old.close()
  const { time, process } = machine(leftAt, 1_000_000)
  const inbox = testInbox({ path, clock: process(), leaseMs: 30_000 })
  const beside = deferred<Verdict>()
  const { attempts, consumer, ids } = consumeRecorded(inbox, async ({ event }) =>
    event.id === 'beside' ? beside.promise : done,
  )
  await inbox.put(eventRecord({ id: 'beside' }), { rememberMs })
  await time.advance(60_000)
  expect(ids()).toEqual(['beside'])
  beside.resolve(done)
  await consumer.idle()
  expect(attempts[1]).toMatchObject({ event: { id: 'leased' }, interruptions: 2, interruptedAlone: 0 })
})

test('ids of version 1 stay remembered for their time, and those of kept events for longer', async () => {
  const { inbox, time } = migrated()
  const put = (id: string) => inbox.put(eventRecord({ id, fingerprint: 7 }), { rememberMs })
  for (const id of ['handled', 'forgotten-soon', 'dead', 'scheduled'])
    expect(await put(id), id).toEqual({ outcome: 'duplicate', conflict: false })
  const pruned = (fingerprint: number) =>
    inbox.put(eventRecord({ id: 'dead-forgotten', fingerprint }), { rememberMs })
  expect(await pruned(8)).toEqual({ outcome: 'duplicate', conflict: false })
  expect(await pruned(9)).toEqual({ outcome: 'duplicate', conflict: true })
  await time.advance(40_000)
  expect(await put('forgotten-soon')).toEqual({ outcome: 'accepted' })
  await time.advance(3 * day)
  expect(await put('handled')).toEqual({ outcome: 'accepted' })
  expect(await put('dead')).toMatchObject({ outcome: 'duplicate' })
  expect(await inbox.discard('acme:dead')).toBe(true)
  expect(await put('dead')).toEqual({ outcome: 'accepted' })
})

test('claims of version 1 go on', async () => {
  const { inbox, time } = migrated()
  const claim = (id: string) =>
    inbox.claim(eventRecord({ id, source: 'other' }), { rememberMs, leaseMs: 30_000 })
  expect(await claim('claimed')).toEqual({ outcome: 'in_progress', retryAfterMs: 10_000 })
  expect(await claim('released')).toMatchObject({
    outcome: 'claimed',
    lease: { attempt: 2, progress: { completed: ['onEvent(order.paid)#0'] } },
  })
  await time.advance(10_000)
  expect(await claim('claimed')).toMatchObject({ outcome: 'claimed', lease: { attempt: 1 } })
})

test('a claim of version 1 that had run out before the migration is free', async () => {
  const { inbox } = migrated({ startAt: leftAt + 10_000 })
  const claim = inbox.claim(eventRecord({ id: 'claimed', source: 'other' }), { rememberMs, leaseMs: 30_000 })
  expect(await claim).toMatchObject({ outcome: 'claimed', lease: { attempt: 1 } })
})

test('the statements of version 1 fail in a file that was migrated, so that an old process writes nothing', async () => {
  const { path } = migrated()
  const old = new DatabaseSync(path)
  for (const statement of [
    'INSERT INTO ids (key, fingerprint, until) VALUES (?, ?, ?)',
    'INSERT INTO events (key, provider, id) VALUES (?, ?, ?)',
    'UPDATE events SET ready_at = ? WHERE sequence = ? AND token = ?',
    'DELETE FROM events WHERE sequence = ? AND token = ?',
    'INSERT OR REPLACE INTO claims (key, token, attempt, progress, lease_until, until) VALUES (?, ?, ?, ?, ?, ?)',
    'DELETE FROM ids WHERE until <= ?',
  ])
    expect(() => old.prepare(statement), statement).toThrow(/no (such )?column/)
  old.close()
})

test('a file of version 2 keeps every event with its standing, over a reboot', async () => {
  const { inbox } = migrated({ version: 2, startAt: secondLeftAt })
  expect(await inbox.counts()).toEqual(counts({ pending: 3, parked: 2, dead: 1 })) // delays and leases ended with the boot
  const progress = { completed: ['onAnyEvent#0'], abandoned: [] }
  expect(await inbox.get('acme:dead')).toMatchObject({ state: 'dead', progress })
  const { ids, consumer, attempts } = consumeRecorded(inbox, async () => done, {
    wanted: () => ({ types: ['order.packed'], others: 'hand-out' }),
  })
  await consumer.idle()
  expect(ids().sort()).toEqual(['leased', 'parked', 'parked long', 'scheduled'])
  const attemptAt = (id: string) => attempts.find(({ event }) => event.id === id)
  expect(attemptAt('parked long')?.event).toMatchObject({
    tenant: 'north',
    rawBody: Buffer.alloc(5_000, 'x'),
  })
  expect(attemptAt('scheduled')).toMatchObject({ attempt: 2, progress, wasInterrupted: false })
  expect(attemptAt('leased')).toMatchObject({ attempt: 1, wasInterrupted: true })
})

const third = { version: 3, startAt: thirdLeftAt, upFor: thirdUpFor }

test('a file of version 3 keeps every event with its standing, under the same boot', async () => {
  const { inbox, time } = migrated(third)
  expect(await inbox.counts()).toEqual(counts({ pending: 3, scheduled: 2, active: 1, parked: 2, dead: 2 }))
  const progress = { completed: ['onAnyEvent#0'], abandoned: [] }
  expect(await inbox.get('acme:scheduled')).toMatchObject({
    attempt: 2,
    dueAt: thirdLeftAt - 20_000 + 600_000,
    progress,
    failures: [{ message: 'later' }],
  })
  expect(await inbox.get('acme@north:dead')).toMatchObject({ tenant: 'north', state: 'dead', progress })
  const { attempts, ids, consumer } = consumeRecorded(inbox, async () => done, {
    wanted: () => ({ types: ['order.packed', 'x\0y'], others: 'hand-out' }),
  })
  await consumer.idle()
  expect(ids().sort()).toEqual([
    'a\0b \ud800 "q"',
    'long',
    'parked',
    'parked long',
    'pending',
    'until wanted',
  ])
  const attemptAt = (id: string) => attempts.find(({ event }) => event.id === id)
  expect(attemptAt('long')?.event.rawBody).toEqual(Buffer.alloc(5_000, 'y'))
  expect(attemptAt('parked long')?.event.rawBody).toEqual(Buffer.alloc(5_000, 'x'))
  expect(attemptAt('a\0b \ud800 "q"')?.event).toMatchObject({ orderKey: 'one', type: 'x\0y' })
  await time.advance(580_000)
  expect(ids()).toContain('scheduled')
  expect(await inbox.counts()).toEqual(counts({ pending: 1, dead: 2 })) // the lease of the other source ran out
})

test('ids of version 3 stay remembered for their time, and go when it is over, without the order that they had', async () => {
  const { inbox, time, path } = migrated(third)
  const put = (id: string) => inbox.put(eventRecord({ id, fingerprint: 7 }), { rememberMs: 5 * day })
  const remembered = ['handled', 'confirmed', 'forgotten soon', 'dead forgotten', 'scheduled', 'its delivery']
  for (const id of remembered) expect(await put(id), id).toEqual({ outcome: 'duplicate', conflict: false })
  await time.advance(60_000)
  expect(await put('forgotten soon')).toEqual({ outcome: 'accepted' })
  await time.advance(3 * day)
  await put('another')
  await expect
    .poll(() => keysOf(path))
    .toEqual([
      'acme:another',
      'acme:dead forgotten', // kept
      'acme:forgotten soon', // came again
      'acme:long',
      'acme:odd',
      'acme:parked',
      'acme:parked long',
      'acme:pending',
      'acme:scheduled',
      'acme:until wanted',
      'acme@north:dead',
      'other:leased',
    ])
})

test('claims of version 3 go on', async () => {
  const { inbox } = migrated(third)
  const claim = (id: string) => inbox.claim(eventRecord({ id }), { rememberMs, leaseMs: 30_000 })
  expect(await claim('claimed')).toMatchObject({ outcome: 'in_progress', retryAfterMs: 30_000 })
  expect(await claim('released')).toMatchObject({ outcome: 'claimed', lease: { attempt: 2 } })
})

test('what is parked in a file of version 3 is counted on, to the byte', async () => {
  const { inbox, path } = migrated(third)
  const totals = () => watchFile(path).prepare('SELECT events, bytes FROM parked').get()
  expect(totals()).toEqual({ events: 2, bytes: '{"id":"parked"}'.length + 5_000 })
  expect(await inbox.discard('acme:parked long')).toBe(true)
  expect(totals()).toEqual({ events: 1, bytes: '{"id":"parked"}'.length })
})

test('the statements of version 3 fail in a file that was migrated', () => {
  const { path } = migrated(third)
  const old = watchFile(path)
  for (const statement of [
    'INSERT INTO events (sequence, key, source, id, type, created_at, received_at, fingerprint, raw_body, forgotten_at, due_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)',
    'SELECT sequence, forgotten_at AS forgottenAt FROM events WHERE source = ?',
    'INSERT OR IGNORE INTO expiries (at, key) VALUES (?, ?)',
  ])
    expect(() => old.prepare(statement), statement).toThrow(/no (such )?(column|table)|no column/)
})

test('a file of version 4 keeps every event with its standing, its ids and its claims, and takes notes', async () => {
  const { inbox, time } = migrated({
    version: 4,
    startAt: Date.parse('2026-11-26T19:30:20Z'),
    upFor: 1_020_000,
  })
  expect(await inbox.counts()).toEqual(counts({ pending: 2, scheduled: 1, active: 1, parked: 1, dead: 1 }))
  const progress = { completed: ['onAnyEvent#0'], abandoned: [] }
  expect(await inbox.get('acme@north:dead')).toMatchObject({ tenant: 'north', state: 'dead', progress })
  for (const id of ['handled', 'scheduled', 'pending'])
    expect(await inbox.put(eventRecord({ id, fingerprint: 7 }), { rememberMs }), id).toMatchObject({
      outcome: 'duplicate',
    })
  const listed = eventRecord({ id: 'listed', origin: 'reconciled', aliases: ['acme:run_1'] })
  expect(await inbox.put(listed, { rememberMs })).toMatchObject({ outcome: 'duplicate' })
  const claim = (id: string) => inbox.claim(eventRecord({ id }), { rememberMs, leaseMs: 30_000 })
  expect(await claim('claimed')).toMatchObject({ outcome: 'in_progress', retryAfterMs: 40_000 })
  expect(await claim('released')).toMatchObject({ outcome: 'claimed', lease: { attempt: 2, progress } })
  expect(await inbox.notes?.write('place', 'here', undefined)).toBe(true)
  const { ids, attempts, consumer } = consumeRecorded(inbox, async () => done)
  await consumer.idle()
  expect(ids().sort()).toEqual(['a\0b \ud800 "q"', 'parked long', 'pending'])
  expect(attempts.find(({ event }) => event.id === 'parked long')?.event.rawBody).toHaveLength(5_000)
  expect(attempts.find(({ event }) => event.id === 'pending')?.event).toMatchObject({ orderKey: 'one' })
  await time.advance(580_000)
  expect(ids()).toContain('scheduled')
})

function keysOf(path: string): unknown[] {
  return watchFile(path)
    .prepare('SELECT key FROM ids ORDER BY key')
    .all()
    .map(({ key }) => key)
}
