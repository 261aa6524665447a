import { memoryInbox } from '@hookport/core'
import { eventRecord } from '@hookport/testkit/inbox/event-records'
import { expect, test } from 'vitest'
import { acmeReceiver } from '../support/acme-receiver.ts'

const failure = { handler: 'save', code: 'error', message: 'broken', at: 1 } as const
const howMany = 2_000

/** How many turns of the event loop come while something runs. */
async function turnsDuring(run: () => Promise<unknown>): Promise<number> {
  let turns = 0
  let next = setImmediate(function count() {
    turns += 1
    next = setImmediate(count)
  })
  await run()
  clearImmediate(next)
  return turns
}

test('while very many dead letters are redriven, or looked through for a replay, deliveries have their turns: a store in this process answers at once', async () => {
  const inbox = memoryInbox()
  for (let index = 0; index < howMany; index++)
    await inbox.put(eventRecord({ source: 'acme', id: `evt_${index}` }), { rememberMs: 60_000, failure })
  const { receiver } = acmeReceiver({ inbox, consume: false })
  const redriven = await turnsDuring(async () => expect(await receiver.redriveAll({})).toBe(howMany))
  expect(redriven).toBeGreaterThanOrEqual(8) // four pages to read, and as many to redrive
  expect(await turnsDuring(() => receiver.replay({}))).toBeGreaterThanOrEqual(8)
})
