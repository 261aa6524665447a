import { expect, onTestFinished, test, vi } from 'vitest'
import type { Database } from '../src/connection/database.ts'
import { Housekeeping } from '../src/housekeeping.ts'
import { Layout } from '../src/layout/layout.ts'

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}

test.each(['while it asks whether there is anything', 'between two steps'])(
  'tidying that is closed %s does nothing more',
  async (moment) => {
    vi.useFakeTimers()
    onTestFinished(() => void vi.useRealTimers())
    let steps = 0
    const write = async () => {
      steps += 1
      return [{ count: 1_000 }] // there is more to delete
    }
    const ask = async () => [{ is_any: true }]
    const fake = { ask, write, layout: new Layout('webhooks', 'hookport') } as unknown as Database
    const tidying = new Housekeeping(fake, 1)
    tidying.tick()
    if (moment === 'between two steps') await vi.advanceTimersByTimeAsync(0)
    const before = steps
    tidying.close()
    await vi.advanceTimersByTimeAsync(60_000)
    expect([before, steps]).toEqual(moment === 'between two steps' ? [4, 4] : [0, 0])
  },
)

test('tidying that is closed in the middle of a step asks the database for nothing more', async () => {
  const steps: (() => void)[] = []
  const write = () => new Promise((resolve) => steps.push(() => resolve([{ count: 1_000 }]))) // there is more to delete
  const ask = async () => [{ is_any: true }]
  const fake = { ask, write, layout: new Layout('webhooks', 'hookport') } as unknown as Database
  const tidying = new Housekeeping(fake, 1)
  tidying.tick()
  const goOn = async () => {
    await expect.poll(() => steps).not.toEqual([])
    for (const answer of steps.splice(0)) answer()
  }
  for (let part = 0; part < 5; part++) await goOn() // the first step has four
  await expect.poll(() => steps).toHaveLength(1)
  tidying.close()
  for (let part = 0; part < 3; part++) await goOn()
  await pause(100)
  expect(steps).toEqual([])
})

test('a tidying that takes long is the only one of its process: the next begins once it is over', async () => {
  vi.useFakeTimers({ toFake: ['performance'] })
  onTestFinished(() => void vi.useRealTimers())
  const answers: ((rows: unknown) => void)[] = []
  const ask = () => new Promise((resolve) => answers.push(resolve))
  const fake = { ask, layout: new Layout('webhooks', 'hookport') } as unknown as Database
  const tidying = new Housekeeping(fake, 1)
  const tickAMinuteLater = () => {
    vi.advanceTimersByTime(60_000)
    tidying.tick()
    return answers.length
  }
  expect([tickAMinuteLater(), tickAMinuteLater(), tickAMinuteLater()]).toEqual([1, 1, 1])
  answers[0]?.([{ is_any: false }])
  await expect.poll(tickAMinuteLater).toBe(2)
})
