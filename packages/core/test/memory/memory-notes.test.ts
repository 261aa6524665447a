import { memoryInbox } from '@hookport/core'
import { manualClock } from '@hookport/core/testing'
import { consumeRecorded, done } from '@hookport/testkit/inbox/attempts'
import { eventRecord } from '@hookport/testkit/inbox/event-records'
import { expect, test } from 'vitest'

function notesOnManualClock() {
  const clock = manualClock()
  const inbox = memoryInbox({ clock })
  const { notes } = inbox
  if (!notes) throw new Error('a memory inbox has notes')
  return { clock, inbox, notes }
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

test('while an inbox closes, what is finished before its end can read what is paused; afterwards nobody can', async () => {
  const { inbox, notes } = notesOnManualClock()
  await notes.write('pauses', 'save', undefined)
  const read: unknown[] = []
  consumeRecorded(
    inbox,
    async () => {
      read.push(await notes.read('pauses'))
      return done
    },
    { concurrency: 1 },
  )
  for (const id of ['one', 'two']) await inbox.put(eventRecord({ id }), { rememberMs: 60_000 })
  await inbox.close()
  expect(read).toEqual([expect.objectContaining({ text: 'save' }), expect.objectContaining({ text: 'save' })])
  await expect(async () => notes.read('pauses')).rejects.toThrow('the memory inbox was closed')
})
