import { retryIn } from '@hookport/testkit/inbox/attempts'
import { expect, test, vi } from 'vitest'
import { useBench } from './support/bench.ts'
import { consume } from './support/consuming.ts'
import { remember, sampleEvent } from './support/sample-event.ts'

const bench = useBench()

test('an event that waits is handed out at its time, and not at the next look at Redis, while another runs under a longer lease', async () => {
  const inbox = bench.open()
  const [long, waits] = [sampleEvent(), sampleEvent()]
  let release = () => {}
  const released = new Promise<void>((resolve) => {
    release = resolve
  })
  const consuming = consume(inbox, async ({ event }) => {
    if (event.id === long.id) await released
    else if (consuming.ids.filter((id) => id === waits.id).length === 1) return retryIn(300)
    return undefined
  })
  await inbox.put(long, remember)
  await vi.waitFor(() => expect(consuming.ids).toEqual([long.id]), { timeout: 5_000 })
  await inbox.put(waits, remember)
  try {
    const inOrder = [long.id, waits.id, waits.id]
    await vi.waitFor(() => expect(consuming.ids).toEqual(inOrder), { timeout: 3_000 })
  } finally {
    release() // closing waits for it
  }
})

test('an event that is to wait for longer than there are numbers waits, and is listed with the time of its next turn', async () => {
  const inbox = bench.open()
  const event = sampleEvent()
  const consuming = consume(inbox, async () => retryIn(Number.MAX_VALUE))
  await inbox.put(event, remember)
  const scheduled = async () => (await inbox.list({ state: 'scheduled' })).items
  await vi.waitFor(async () => expect(await scheduled()).toHaveLength(1), { timeout: 5_000 })
  expect((await scheduled())[0]?.dueAt).toBeGreaterThan(8_640_000_000_000_000)
  expect(JSON.parse(JSON.stringify(await inbox.get(event.key)))).toMatchObject({ dueAt: expect.any(Number) })
  expect(consuming.ids).toHaveLength(1)
})
