import { statSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import type { HandlerRun, Progress } from '@hookport/core'
import { manualClock } from '@hookport/core/testing'
import { consumeRecorded, dead, done } from '@hookport/testkit/inbox/attempts'
import { eventRecord } from '@hookport/testkit/inbox/event-records'
import { expect, test } from 'vitest'
import { stepLimits } from '../src/open/housekeeping.ts'
import { lookInto, rememberMs, temporaryFile, testInbox } from './support/test-inbox.ts'

const hour = 3_600_000
const day = 24 * hour

test('a handled event that is kept takes up 1.1 KB beside its id, with a body of 500 bytes and two handlers', async () => {
  const path = temporaryFile()
  const inbox = testInbox({ path })
  const count = 2_000
  const names = ['save-plan', 'send-mail'].map((name) => `onEvent(optimization.completed):${name}`)
  const run: HandlerRun = { at: 1_767_225_600_000, durationMs: 12.3, outcome: 'completed' }
  const history = Object.fromEntries(names.map((name) => [name, [run]]))
  const progress: Progress = { completed: names, abandoned: [], history }
  const { value } = lookInto(path)
  const usedBytes = () =>
    value(
      'SELECT (page_count - freelist_count) * page_size FROM pragma_page_count, pragma_freelist_count, pragma_page_size',
    )
  const putAll = async (prefix: string, keepMs: number | undefined) => {
    const before = usedBytes()
    const event = (index: number) =>
      eventRecord({
        id: `${prefix}_01hzx5f1c9b7e6a4d3c2b1a0${index}`,
        type: 'optimization.completed',
        rawBody: Buffer.from('x'.repeat(500)),
      })
    await Promise.all(Array.from({ length: count }, (_, at) => inbox.put(event(at), { rememberMs })))
    const { consumer } = consumeRecorded(inbox, async () => ({ outcome: 'done', progress, keepMs }))
    await consumer.idle()
    await consumer.stop()
    return (usedBytes() - before) / count
  }
  const idBytes = await putAll('gone', undefined)
  const keptBytes = await putAll('kept', day)
  expect(await inbox.counts()).toMatchObject({ handled: count, pending: 0 })
  expect(keptBytes - idBytes).toBeGreaterThan(950)
  expect(keptBytes - idBytes).toBeLessThan(1_250)
})

test('100,000 forgotten ids are pruned in small steps, between which puts are served', {
  timeout: 60_000,
}, async () => {
  const path = temporaryFile()
  const clock = manualClock()
  const inbox = testInbox({ path, clock })
  const { database, value } = lookInto(path)
  database.exec('PRAGMA synchronous = off; BEGIN')
  const insert = database.prepare('INSERT INTO ids (key, fingerprint, forgotten_at) VALUES (?, 1, ?)')
  for (let id = 0; id < 100_000; id++) {
    const [key, at] = [`acme:${(id * 2_654_435_761) % 2 ** 32}`, id % 1_000]
    insert.run(key, at)
  }
  database.exec('COMMIT')
  await clock.advance(10_000)

  const forgotten = () => value('SELECT count(*) FROM ids WHERE forgotten_at <= ?', clock.now())
  let puts = 0
  let before = forgotten()
  let largestStep = 0
  for (; before > 0; puts++) {
    expect(await inbox.put(eventRecord({ id: `new ${puts}` }), { rememberMs: day })).toEqual({
      outcome: 'accepted',
    })
    const now = forgotten()
    largestStep = Math.max(largestStep, before - now)
    before = now
  }
  expect(largestStep).toBeLessThanOrEqual(stepLimits.ids)
  expect(await inbox.counts()).toMatchObject({ pending: puts })
})

/** In milliseconds, a little more than there is between two steps of tidying up. */
const pauseOfSteps = 6

test('a month of traffic ends with a bounded file', { timeout: 60_000 }, async () => {
  const path = temporaryFile()
  const clock = manualClock(Date.parse('2026-11-01'))
  const inbox = testInbox({ path, clock, pollMs: day, synchronous: 'normal', keepDeadFor: 2 * day })
  let handled = 0
  const { consumer } = consumeRecorded(inbox, async () => (++handled % 50 === 0 ? dead : done))
  const perHour = 60
  const sizes: number[] = []
  for (let hours = 0; hours < 30 * 24; hours++) {
    const puts = Array.from({ length: perHour }, (_, index) => {
      const id = `${hours}-${(index * 7919) % 997}`
      return inbox.put(eventRecord({ id, rawBody: Buffer.alloc(500, index) }), { rememberMs: 3 * day })
    })
    await Promise.all(puts)
    await consumer.idle()
    await clock.advance(hour)
    await sleep(pauseOfSteps) // what tidies up pauses by the machine's clock, and an hour has time for a step of it on any machine
    if (hours % 24 === 23) sizes.push(statSync(path).size + statSync(`${path}-wal`).size)
  }
  const { rows, value } = lookInto(path)
  expect(handled).toBe(30 * 24 * perHour)
  expect(rows('ids')).toBeLessThanOrEqual(3 * 24 * perHour + 10 * stepLimits.ids)
  expect(rows('events')).toBeLessThanOrEqual((2 * 24 * perHour) / 50 + 10 * stepLimits.deadLetters)
  expect(rows('bodies')).toBe(0) // short ones lie with their events
  const [fourthDay, lastDay] = [sizes[9] ?? Number.NaN, sizes.at(-1) ?? Number.NaN]
  expect(lastDay).toBeLessThanOrEqual(1.25 * fourthDay)
  expect(value('PRAGMA page_count') * value('PRAGMA page_size')).toBeLessThan(4 * 1024 * 1024)
})

test('after a burst the file shrinks', { timeout: 30_000 }, async () => {
  const path = temporaryFile()
  const clock = manualClock()
  const inbox = testInbox({ path, clock })
  const { value } = lookInto(path)
  const burst = Array.from({ length: 200 }, (_, id) =>
    eventRecord({ id: String(id), rawBody: Buffer.alloc(100_000) }),
  )
  await Promise.all(burst.map((event) => inbox.put(event, { rememberMs })))
  expect(value('PRAGMA page_count')).toBeGreaterThan(4_800)
  await consumeRecorded(inbox).consumer.idle()
  await clock.advance(10_000)
  await expect.poll(() => value('PRAGMA page_count'), { timeout: 20_000 }).toBeLessThan(1_200)
})
