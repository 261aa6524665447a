import { type EventRecord, type Legacy, noProgress } from '@hookport/core'
import { consumeRecorded, dead, done } from '@hookport/testkit/inbox/attempts'
import { eventRecord } from '@hookport/testkit/inbox/event-records'
import { expect, test } from 'vitest'
import type { LeasedEvent } from '../src/kept/leased-events.ts'
import { leaseMs, oneProcess } from './support/one-process.ts'
import { counts, handleAll, rememberMs, rowsOf, testInbox } from './support/test-inbox.ts'

const inLine = (id: string, createdAt = 0): EventRecord => eventRecord({ id, orderKey: 'line', createdAt })

test('an event that is handled and kept lets the next of its order key come', async () => {
  const inbox = testInbox()
  for (const id of ['first', 'second']) await inbox.put(inLine(id), { rememberMs })
  const { ids, consumer } = consumeRecorded(inbox, async () => ({
    outcome: 'done',
    progress: noProgress,
    keepMs: 60_000,
  }))
  await expect.poll(ids).toEqual(['first', 'second'])
  await consumer.idle()
  expect(await inbox.counts()).toEqual(counts({ handled: 2 }))
})

test('a dead letter of an order key that is redriven comes in its turn', async () => {
  const inbox = testInbox()
  await inbox.put(inLine('dead'), { rememberMs })
  await handleAll(inbox, async () => dead)
  expect(await inbox.redrive('acme:dead')).toBe(true)
  const { ids, consumer } = consumeRecorded(inbox, async () => done)
  await consumer.idle()
  expect(ids()).toEqual(['dead'])
})

test('the first of a line keeps its place among all events, however many are put behind it', async () => {
  const { put, taken, time } = oneProcess()
  put(inLine('front', 1))
  await time.advance(1)
  put(eventRecord({ id: 'of no line' }))
  await time.advance(1)
  for (const createdAt of [2, 3, 4]) put(inLine(`behind ${createdAt}`, createdAt))
  expect(taken({ limit: 2 })).toEqual(['front', 'of no line'])
})

const legacy: Legacy = { newest: { handler: { createdAt: 1, rank: 0 } as never }, rememberMs }

test('a checkpoint leaves to later events of an order key what it says, while its lease is held', async () => {
  const { put, take, time, inTransaction, database } = oneProcess()
  put(inLine('one'), eventRecord({ id: 'of no line' }))
  const [one, other] = take().events as LeasedEvent[]
  if (!one || !other) expect.unreachable()
  const checkpoint = (event: LeasedEvent, left?: Legacy) =>
    inTransaction((file) => file.leased.checkpoint(event, noProgress, left, file.now))
  expect(checkpoint(one)).toBe(true)
  expect(checkpoint(other, legacy)).toBe(true)
  expect(rowsOf(database, 'newest')).toBe(0)
  await time.advance(leaseMs)
  expect(take().events).toHaveLength(2)
  expect(checkpoint(one, legacy)).toBe(false)
  expect(rowsOf(database, 'newest')).toBe(0)
})

test('a verdict on an event of no order key leaves nothing', () => {
  const { put, take, inTransaction, database } = oneProcess()
  put(eventRecord({ id: 'of no line' }))
  const [event] = take().events as LeasedEvent[]
  if (!event) expect.unreachable()
  const verdict = { outcome: 'done', progress: noProgress, legacy } as const
  expect(inTransaction((file) => file.leased.conclude(event, verdict, file.now))).toBe(true)
  expect(rowsOf(database, 'newest')).toBe(0)
})
