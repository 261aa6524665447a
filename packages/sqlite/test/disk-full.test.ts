import { InboxFullError } from '@hookport/core'
import { consumeRecorded, dead } from '@hookport/testkit/attempts'
import { eventRecord, eventRecords } from '@hookport/testkit/event-records'
import { expect, onTestFinished, test } from 'vitest'
import { openDatabase } from '../src/open-database.ts'
import { SqliteInbox } from '../src/sqlite-inbox.ts'
import { resolveOptions } from '../src/sqlite-inbox-options.ts'
import { rememberMs, temporaryFile, testInbox } from './support/test-inbox.ts'

/** An inbox whose file can't grow beyond so many pages: what a full disk is to SQLite. */
function inboxOnSmallDisk() {
  const path = temporaryFile()
  const database = openDatabase({ path, synchronous: 'full' })
  const inbox = new SqliteInbox(database, resolveOptions({ path }))
  onTestFinished(() => inbox.close())
  const setPages = (pages: number) => database.exec(`PRAGMA max_page_count = ${pages}`)
  const rows = (table: string) =>
    Number(database.prepare(`SELECT count(*) AS count FROM ${table}`).get()?.count)
  return { inbox, setPages, rows }
}

test('a full disk rejects puts, stores nothing by halves, and once there is room they are accepted', async () => {
  const { inbox, setPages, rows } = inboxOnSmallDisk()
  setPages(60)
  const events = eventRecords(200).map((event) => ({ ...event, rawBody: Buffer.alloc(2_000) }))
  const outcomes: string[] = []
  for (let start = 0; start < events.length; start += 10) {
    const puts = events.slice(start, start + 10).map((event) => inbox.put(event, { rememberMs }))
    const settled = await Promise.allSettled(puts)
    for (const result of settled) {
      if (result.status === 'rejected') expect(result.reason).toBeInstanceOf(InboxFullError)
      outcomes.push(result.status)
    }
  }
  const accepted = outcomes.filter((outcome) => outcome === 'fulfilled').length
  expect(accepted).toBeGreaterThan(0)
  expect(accepted).toBeLessThan(events.length)
  expect([rows('ids'), rows('events'), rows('bodies')]).toEqual([accepted, accepted, accepted])

  setPages(10_000)
  const again = await Promise.all(events.map((event) => inbox.put(event, { rememberMs })))
  expect(again.map(({ outcome }) => outcome)).toEqual(
    outcomes.map((outcome) => (outcome === 'fulfilled' ? 'duplicate' : 'accepted')),
  )
})

test('beyond maxBytes puts are refused while handling goes on, and makes room', async () => {
  const inbox = testInbox({ maxBytes: 200_000 })
  const events = eventRecords(40).map((event) => ({ ...event, rawBody: Buffer.alloc(10_000) }))
  const results = await Promise.allSettled(events.map((event) => inbox.put(event, { rememberMs })))
  const refused = results.filter(({ status }) => status === 'rejected')
  expect(refused.length).toBeGreaterThan(20)
  expect(refused[0]).toMatchObject({ reason: { code: 'inbox_full' } })
  const last = events.at(-1) ?? expect.unreachable()
  await expect(inbox.claim(last, { rememberMs, leaseMs: 1_000 })).rejects.toThrow(InboxFullError)

  await consumeRecorded(inbox).consumer.idle()
  expect(await inbox.put(last, { rememberMs })).toEqual({ outcome: 'accepted' })
})

test('an event that is too big for what is left does not keep smaller ones of its group out', async () => {
  const inbox = testInbox({ maxBytes: 200_000 })
  const big = inbox.put(eventRecord({ id: 'big', rawBody: Buffer.alloc(300_000) }), { rememberMs })
  const small = inbox.put(eventRecord({ id: 'small' }), { rememberMs })
  await expect(big).rejects.toThrow(InboxFullError)
  expect(await small).toEqual({ outcome: 'accepted' })
})

test('dead letters take up room until they are discarded', async () => {
  const inbox = testInbox({ maxBytes: 200_000 })
  await inbox.put(eventRecord({ id: 'dead', rawBody: Buffer.alloc(120_000) }), { rememberMs })
  await consumeRecorded(inbox, async () => dead).consumer.idle()
  const next = eventRecord({ id: 'next', rawBody: Buffer.alloc(120_000) })
  await expect(inbox.put(next, { rememberMs })).rejects.toThrow(/dead letters/)
  await inbox.discard('acme:dead')
  expect(await inbox.put(next, { rememberMs })).toEqual({ outcome: 'accepted' })
})
