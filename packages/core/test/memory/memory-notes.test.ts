import { memoryInbox } from '@hookport/core'
import { manualClock } from '@hookport/core/testing'
import { expect, test } from 'vitest'

function notesOnManualClock() {
  const clock = manualClock()
  const { notes } = memoryInbox({ clock })
  if (!notes) throw new Error('a memory inbox has notes')
  return { clock, notes }
}

test('a lead that is not renewed is free for others after leaseMs, to the millisecond', async () => {
  const { clock, notes } = notesOnManualClock()
  expect(await notes.lead('work', 'one', 1_000)).toBe(true)
  await clock.advance(999)
  expect(await notes.lead('work', 'other', 1_000)).toBe(false)
  await clock.advance(1)
  expect(await notes.lead('work', 'other', 1_000)).toBe(true)
})

test('to resign from work that nobody leads changes nothing', async () => {
  const { notes } = notesOnManualClock()
  expect(await notes.resign('work', 'one')).toBeUndefined()
  expect(await notes.lead('work', 'other', 1_000)).toBe(true)
})
