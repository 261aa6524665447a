import { copyFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { consumeRecorded, done } from '@hookport/testkit/attempts'
import { eventRecord } from '@hookport/testkit/event-records'
import { expect, test } from 'vitest'
import { machine } from './support/machine.ts'
import { counts, rememberMs, temporaryFile, testInbox } from './support/test-inbox.ts'

/** When the fixtures were left. */
const leftAt = Date.parse('2026-11-20T12:00:20Z')
const secondLeftAt = Date.parse('2026-11-26T12:00:00Z')
const day = 86_400_000

function migrated({ version = 1, startAt = leftAt } = {}) {
  const path = temporaryFile()
  copyFileSync(join(import.meta.dirname, `fixtures/version-${version}.db`), path)
  const { time, process } = machine(startAt)
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
