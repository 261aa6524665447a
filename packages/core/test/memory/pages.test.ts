import { setImmediate as nextTurn } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { memoryInbox } from '@hookport/core'
import { eventRecord } from '@hookport/testkit/inbox/event-records'
import { expect, onTestFinished, test, vi } from 'vitest'

setFlagsFromString('--expose-gc')
const collect = runInNewContext('gc') as () => void

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

test('an event that was discarded just where a page had ended is on no page', async () => {
  const inbox = await deadLetters()
  const { cursor = '' } = await inbox.list({ limit: 2 })
  await inbox.discard('acme:evt_2')
  const next = await inbox.list({ limit: 1, cursor })
  expect(next.items.map(({ id }) => id)).toEqual(['evt_3'])
})

test('what is deleted is freed, also while a list is left in its midst', async () => {
  const inbox = await deadLetters()
  const { items } = await inbox.list({ limit: 600 }) // more than half, after which a map is copied
  const put = async () => {
    const event = eventRecord({ id: 'freed' })
    await inbox.put(event, { rememberMs, failure })
    return new WeakRef(event)
  }
  const freed = await put()
  for (const key of [...items.map(({ key }) => key), 'acme:freed']) await inbox.discard(key)
  await nextTurn() // until then, what a WeakRef was made of is kept
  collect()
  expect(freed.deref()).toBeUndefined()
})
