import { memoryInbox } from '@hookport/core'
import { inboxInFront } from '@hookport/core/testing'
import { eventRecord } from '@hookport/testkit/inbox/event-records'
import { expect, test } from 'vitest'

const rememberMs = 60_000

test('an inbox in front does as it was changed, and for the rest as the one behind it', async () => {
  const inbox = memoryInbox()
  const failing = inboxInFront(inbox, { put: () => Promise.reject(new Error('no connection')) })
  await expect(async () => failing.put(eventRecord(), { rememberMs })).rejects.toThrow('no connection')
  expect(await failing.counts()).toMatchObject({ pending: 0 })
  await inbox.put(eventRecord(), { rememberMs })
  expect(await failing.get(eventRecord().key)).toMatchObject({ state: 'pending' })
  expect([failing.name, failing.durable]).toEqual(['memory', false])
})

test('it warns of what the one behind it warns of, and has what only some inboxes have', async () => {
  const risky = Object.assign(memoryInbox(), { findRisks: async () => ['noeviction is not set'] })
  expect(await inboxInFront(risky, {}).findRisks?.()).toEqual(['noeviction is not set'])
  expect(inboxInFront(memoryInbox(), {}).findRisks).toBeUndefined()
})
