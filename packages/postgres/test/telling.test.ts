import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { Database } from '../src/connection/database.ts'
import { WakeChannel } from '../src/connection/wake-channel.ts'

beforeEach(() => void vi.useFakeTimers({ toFake: ['performance', 'setTimeout'] }))
afterEach(() => void vi.useRealTimers())

/** What others are told of, and when. */
function channel() {
  const told: unknown[] = []
  const beganAt = performance.now()
  const ask = async (_: string, [name, message]: readonly string[]) => {
    told.push([performance.now() - beganAt, name, message?.split(' ')[1]])
    throw new Error('is lost')
  }
  const database = { ask, layout: { schema: 'webhooks' } } as unknown as Database
  return { told, wakes: new WakeChannel(database, () => expect.unreachable()) }
}

test('others are told of a source at once, of what comes within 10 ms in one message after that, and of other sources by themselves', async () => {
  const { told, wakes } = channel()
  const name = 'hookport webhooks'
  await vi.advanceTimersByTimeAsync(1)
  for (const source of ['one', 'one', 'one']) wakes.tell(source)
  await vi.advanceTimersByTimeAsync(4)
  for (const source of ['one', 'other', 'one']) wakes.tell(source)
  await vi.advanceTimersByTimeAsync(20)
  expect(told).toEqual([
    [1, name, 'one'],
    [5, name, 'other'],
    [11, name, 'one'],
  ])
  await vi.advanceTimersByTimeAsync(100)
  wakes.tell('one')
  await vi.advanceTimersByTimeAsync(0)
  expect(told.at(-1)).toEqual([125, name, 'one'])
})
