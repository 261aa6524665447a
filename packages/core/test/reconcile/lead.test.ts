import { manualClock } from '@hookport/core/testing'
import { expect, test, vi } from 'vitest'
import { memoryNotes } from '../../src/memory/memory-notes.ts'
import { Lead } from '../../src/reconcile/schedule/lead.ts'

const second = 1_000

test('the lead is kept through a long pass, though the store takes a second to renew it: no other process gets it', async () => {
  const clock = manualClock()
  const notes = memoryNotes(() => clock.elapsed())
  const slow = {
    ...notes,
    async lead(...asked: Parameters<typeof notes.lead>) {
      await new Promise<void>((resolve) => clock.after(second, resolve))
      return notes.lead(...asked)
    },
  }
  const onLost = vi.fn()
  const lead = new Lead(slow, 'work', 15 * second, clock)
  const taken = lead.take(onLost)
  await clock.advance(second)
  expect(await taken).toBe(true)
  for (let halves = 0; halves < 120; halves++) {
    await clock.advance(second / 2)
    expect(await notes.lead('work', 'another', 15 * second)).toBe(false)
  }
  expect(onLost).not.toHaveBeenCalled()
  await lead.resign()
  expect(await notes.lead('work', 'another', 15 * second)).toBe(true)
})

test('the lead is resigned though a renewal from before was never answered, as its request has ended', async () => {
  const clock = manualClock()
  const notes = memoryNotes(() => clock.elapsed())
  let hangs = false
  const lost = {
    ...notes,
    lead: (...asked: Parameters<typeof notes.lead>) =>
      hangs ? new Promise<never>(() => {}) : notes.lead(...asked),
  }
  const lead = new Lead(lost, 'work', 15 * second, clock)
  await lead.take(() => {})
  hangs = true
  await clock.advance(5 * second)
  hangs = false
  await lead.take(() => {})
  await lead.resign()
  expect(await notes.lead('work', 'another', 15 * second)).toBe(true)
})

test('a process that resigns while the lead is being renewed does not take it again', async () => {
  const clock = manualClock()
  const notes = memoryNotes(() => clock.elapsed())
  let delayMs = 0
  const slow = {
    ...notes,
    async lead(...asked: Parameters<typeof notes.lead>) {
      if (delayMs > 0) await new Promise<void>((resolve) => clock.after(delayMs, resolve))
      return notes.lead(...asked)
    },
  }
  const lead = new Lead(slow, 'work', 15 * second, clock)
  await lead.take(() => {})
  delayMs = second
  await clock.advance(5 * second)
  const resigning = lead.resign()
  await clock.advance(second)
  await resigning
  expect(await notes.lead('work', 'another', 15 * second)).toBe(true)
})
