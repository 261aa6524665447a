import { memoryInbox } from '@hookport/core'
import { eventRecord } from '@hookport/testkit/inbox/event-records'
import { expect, onTestFinished, test, vi } from 'vitest'

const rememberMs = 60_000
const failure = { handler: 'save', code: 'error', message: 'broken', at: 1 } as const
const howMany = 1_000

async function deadLetters() {
  const inbox = memoryInbox()
  for (let index = 0; index < howMany; index++)
    await inbox.put(eventRecord({ id: `evt_${index}` }), { rememberMs, failure })
  return inbox
}

test('a page of a list goes on where the one before has ended: of a hundred thousand events, all pages took seconds, and nothing else ran', async () => {
  const inbox = await deadLetters()
  const steps = vi.spyOn(Object.getPrototypeOf(new Map().values()), 'next')
  onTestFinished(() => steps.mockRestore())
  const ids: string[] = []
  let cursor: string | undefined
  do {
    const page = await inbox.list({ state: 'dead', limit: 10, ...(cursor !== undefined && { cursor }) })
    ids.push(...page.items.map(({ id }) => id))
    cursor = page.cursor
  } while (cursor !== undefined)
  expect(ids).toEqual(Array.from({ length: howMany }, (_, index) => `evt_${index}`))
  expect(steps.mock.calls.length).toBeLessThan(3 * howMany)
})

test('the next page has what it would have had, whatever was listed, deleted and put in between', async () => {
  const inbox = await deadLetters()
  const { cursor = '', items } = await inbox.list({ state: 'dead', limit: 2 })
  expect(items.map(({ id }) => id)).toEqual(['evt_0', 'evt_1'])
  await inbox.list({ limit: 5 })
  const [, , third, ...others] = (await inbox.list({ limit: howMany - 1 })).items
  await inbox.discard(third?.key ?? '')
  for (const { key } of others) await inbox.discard(key)
  await inbox.put(eventRecord({ id: 'later' }), { rememberMs, failure })
  const next = await inbox.list({ state: 'dead', cursor })
  expect(next.items.map(({ id }) => id)).toEqual([`evt_${howMany - 1}`, 'later'])
})
