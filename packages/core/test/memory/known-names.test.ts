import { type EventRecord, memoryInbox } from '@hookport/core'
import { manualClock } from '@hookport/core/testing'
import { consumeRecorded } from '@hookport/testkit/inbox/attempts'
import { eventRecord } from '@hookport/testkit/inbox/event-records'
import { expect, test } from 'vitest'

const rememberMs = 60_000
const failure = { handler: null, code: 'error', message: 'broken', at: 0 }
const aliases = ['acme:run-1']
const delivered = eventRecord({ id: 'delivered', aliases })
const reconciled = eventRecord({ id: 'reconciled', aliases, origin: 'reconciled' })
const duplicate = { outcome: 'duplicate', conflict: false }

function inboxOnManualClock() {
  const clock = manualClock()
  return { clock, inbox: memoryInbox({ clock }) }
}

test('two of one origin that share an alias are two events, and the alias is known until both are gone', async () => {
  const { inbox, clock } = inboxOnManualClock()
  const other = eventRecord({ id: 'other', aliases })
  for (const event of [delivered, other])
    expect(await inbox.put(event, { rememberMs, failure })).toEqual({ outcome: 'accepted' })
  await clock.advance(rememberMs)
  await inbox.discard(delivered.key)
  expect(await inbox.knows?.(aliases)).toBe(true)
  expect(await inbox.put(reconciled, { rememberMs })).toEqual(duplicate)
  await inbox.discard(other.key)
  expect(await inbox.knows?.(aliases)).toBe(false)
})

test('an event may have the same alias twice', async () => {
  const { inbox } = inboxOnManualClock()
  await inbox.put(eventRecord({ aliases: [...aliases, ...aliases] }), { rememberMs })
  await consumeRecorded(inbox).consumer.idle()
  expect(await inbox.counts()).toMatchObject({ active: 0, pending: 0 })
})

test('events are counted by their tenant', async () => {
  const { inbox } = inboxOnManualClock()
  const of = (id: string, tenant?: string): EventRecord => eventRecord({ id, ...(tenant && { tenant }) })
  for (const event of [of('one', 'a'), of('two', 'a'), of('three', 'b'), of('four')])
    await inbox.put(event, { rememberMs })
  expect(await inbox.counts({ tenant: 'a' })).toMatchObject({ pending: 2 })
  expect(await inbox.counts({ tenant: 'b', source: 'acme' })).toMatchObject({ pending: 1 })
  expect(await inbox.counts({ tenant: 'b', source: 'other' })).toMatchObject({ pending: 0 })
  expect(await inbox.counts({ source: 'other' })).toMatchObject({ pending: 0 })
})
