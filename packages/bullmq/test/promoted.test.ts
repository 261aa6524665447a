import type { Progress, Verdict } from '@hookport/core'
import { expect, test, vi } from 'vitest'
import { useBench } from './support/bench.ts'
import { consume } from './support/consuming.ts'
import { remember, sampleEvent, sampleFailure } from './support/sample-event.ts'

const bench = useBench()
const patience = { timeout: 30_000 }
const hour = 3_600_000

/** A verdict after which one handler waits for an hour, and the event for as long as told. */
function waits(now: number, delayMs: number): Verdict {
  const waiting = [{ handler: 'second', attempt: 2, dueAt: now + hour, delayMs: hour }]
  const progress: Progress = { completed: ['first'], abandoned: [], waiting }
  return { outcome: 'retry', delayMs, progress, failures: [sampleFailure], attemptUsed: true }
}

test('an event that is promoted in a dashboard is handled at once: its handlers no longer wait for their times, and keep the number of their attempt', async () => {
  const inbox = bench.open()
  const consuming = consume(inbox, async ({ now }) =>
    consuming.turns.length < 3 ? waits(now, hour) : undefined,
  )
  await inbox.put(sampleEvent({ id: 'waits' }), remember)
  const queue = inbox.queue('sematryx')
  for (const promotions of [1, 2]) {
    await vi.waitFor(async () => expect(await inbox.counts()).toMatchObject({ scheduled: 1 }), patience)
    await (await queue.getJob('sematryx|waits'))?.promote()
    await vi.waitFor(() => expect(consuming.turns).toHaveLength(promotions + 1), patience)
    const { now, progress } = consuming.turns[promotions] ?? expect.unreachable()
    expect(progress).toEqual({
      completed: ['first'],
      abandoned: [],
      waiting: [{ handler: 'second', attempt: 2, dueAt: now, delayMs: hour }],
    })
  }
  await consuming.consumer.idle()
  expect(await bench.redis.keys(`${bench.prefix}:*waits`)).toEqual([`${bench.prefix}:ids:sematryx:waits`])
})

test.each([
  ['that became due', 20],
  ['that was given back at once', 0],
])(
  'an event %s, though one of its handlers has to wait longer, leaves that one waiting',
  async (_, delayMs) => {
    const inbox = bench.open()
    const consuming = consume(inbox, async ({ now }) =>
      consuming.turns.length < 2 ? waits(now, delayMs) : undefined,
    )
    await inbox.put(sampleEvent(), remember)
    await vi.waitFor(() => expect(consuming.turns).toHaveLength(2), patience)
    const { now, progress } = consuming.turns[1] ?? expect.unreachable()
    expect(progress.waiting?.[0]?.dueAt).toBeGreaterThan(now + hour / 2)
  },
)

test('an event that was promoted, and is given back at once after that turn, leaves its handlers waiting: it was promoted once', async () => {
  const inbox = bench.open()
  const consuming = consume(inbox, async ({ now }) =>
    consuming.turns.length < 3 ? waits(now, consuming.turns.length === 1 ? hour : 0) : undefined,
  )
  await inbox.put(sampleEvent({ id: 'waits' }), remember)
  await vi.waitFor(async () => expect(await inbox.counts()).toMatchObject({ scheduled: 1 }), patience)
  await (await inbox.queue('sematryx').getJob('sematryx|waits'))?.promote()
  await vi.waitFor(() => expect(consuming.turns).toHaveLength(3), patience)
  const { now, progress } = consuming.turns[2] ?? expect.unreachable()
  expect(progress.waiting?.[0]?.dueAt).toBeGreaterThan(now + hour / 2)
})
