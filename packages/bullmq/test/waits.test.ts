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
