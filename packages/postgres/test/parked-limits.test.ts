import { expect, onTestFinished, test, vi } from 'vitest'
import type { Database } from '../src/connection/database.ts'
import { ParkedLimits } from '../src/consume/parked-limits.ts'
import { Layout } from '../src/layout/layout.ts'

const limits = { keepMs: 1_000, maxBytes: 1_000 }

/** A database that is asked, and answers whether anything is parked. */
function askedDatabase() {
  vi.useFakeTimers({ toFake: ['performance'] })
  onTestFinished(() => void vi.useRealTimers())
  const write = vi.fn(async () => [{ key: null, any_parked: asked.isAnyParked }])
  const asked = { isAnyParked: false, write }
  const database = { layout: new Layout('hookport', 'test'), write } as unknown as Database
  return { asked, parked: new ParkedLimits(database, 'acme') }
}

test('where nothing is parked, the database is asked every five seconds', async () => {
  const { asked, parked } = askedDatabase()
  for (let ms = 0; ms < 20_000; ms += 100) {
    await parked.expire(limits)
    vi.advanceTimersByTime(100)
  }
  expect(asked.write).toHaveBeenCalledTimes(4)
})

test('where something is parked, it is asked every half second', async () => {
  const { asked, parked } = askedDatabase()
  asked.isAnyParked = true
  for (let ms = 0; ms < 5_000; ms += 100) {
    await parked.expire(limits)
    vi.advanceTimersByTime(100)
  }
  expect(asked.write).toHaveBeenCalledTimes(10)
})

test('what this process parks is looked at within half a second', async () => {
  const { asked, parked } = askedDatabase()
  await parked.expire(limits)
  vi.advanceTimersByTime(500)
  await parked.expire(limits)
  expect(asked.write).toHaveBeenCalledTimes(1)
  parked.parkedMore()
  await parked.expire(limits)
  expect(asked.write).toHaveBeenCalledTimes(2)
})
