import { type Attempt, noProgress } from '@hookport/core'
import { eventRecord, eventRecords } from '@hookport/testkit/inbox/event-records'
import { expect, test, vi } from 'vitest'
import { type RereadTools, rereadEvent } from '../../src/handle/turn/reread-event.ts'

test('of a body that turns out to hold several events, all are taken on in their order, and remembered for as long as any other', async () => {
  const [first, second, last] = eventRecords(3)
  const put = vi.fn()
  const tools: Omit<RereadTools, 'redact'> = { reread: async () => eventRecords(3), put, dedupeWindow: 5_000 }
  const attempt = { event: eventRecord({ unreadable: true } as never), progress: noProgress } as Attempt
  const verdict = await rereadEvent(attempt, { ...tools, clock: { now: () => 0 } } as never)
  expect(verdict).toEqual({ outcome: 'replace', event: last, rememberMs: 5_000 })
  expect(put.mock.calls).toEqual([first, second].map((event) => [event, { rememberMs: 5_000 }]))
})
