import { setTimeout as sleep } from 'node:timers/promises'
import { emptyCounts } from '@hookport/testkit/inbox/event-records'
import { expect, test } from 'vitest'
import { workerBench } from './support/worker-bench.ts'

const timeout = 60_000
const patience = { timeout: 30_000, interval: 50 }

function ids(prefix: string, count: number): string[] {
  return Array.from({ length: count }, (_, index) => `${prefix}-${index}`)
}

function onceEach(...all: readonly string[]): Record<string, number> {
  return Object.fromEntries(all.map((id) => [id, 1]))
}

test('a worker that has nothing to do lives on, and handles what comes', { timeout }, async () => {
  const bench = workerBench()
  const worker = await bench.start()
  await sleep(500)
  await bench.deliver('late')
  await expect.poll(() => bench.effects(), patience).toEqual(onceEach('late'))
  expect(await worker.stop()).toBe(0)
})

test('a handler that blocks the event loop for longer than the lease has its effect once, and so have its neighbours', {
  timeout,
}, async () => {
  const bench = workerBench({ leaseMs: 300, blockMs: 1_500 })
  const all = ['block', ...ids('neighbour', 4)]
  for (const id of all) await bench.deliver(id)
  const worker = await bench.start()
  await expect.poll(() => bench.inbox.counts(), patience).toEqual(emptyCounts)
  expect(bench.effects()).toEqual(onceEach(...all))
  expect(await worker.stop()).toBe(0)
})

test('a process that is stopped for many leases and continued repeats nothing while it has the file to itself', {
  timeout,
}, async () => {
  const bench = workerBench({ leaseMs: 300, blockMs: 200 })
  const all = ids('wait', 10)
  for (const id of all) await bench.deliver(id)
  const worker = await bench.start()
  await expect.poll(() => Object.keys(bench.effects()).length, patience).toBe(10)
  worker.child.kill('SIGSTOP')
  await sleep(2_000)
  worker.child.kill('SIGCONT')
  await expect.poll(() => bench.inbox.counts(), patience).toEqual(emptyCounts)
  expect(bench.effects()).toEqual(onceEach(...all))
  expect(await worker.stop()).toBe(0)
})

test('an event whose handler ends the process is a dead letter in the end, and its neighbours are handled', {
  timeout,
}, async () => {
  const bench = workerBench({ leaseMs: 300 })
  const neighbours = ids('neighbour', 12)
  for (const id of [...neighbours.slice(0, 6), 'poison', ...neighbours.slice(6)]) await bench.deliver(id)
  let crashes = 0
  for (;;) {
    const worker = await bench.start()
    const settled = async () => {
      const { dead, pending, scheduled, active } = await bench.inbox.counts()
      return dead > 0 && pending + scheduled + active === 0
    }
    await Promise.race([worker.gone, expect.poll(settled, patience).toBe(true)])
    if (await settled()) {
      expect(await worker.stop()).toBe(0)
      break
    }
    expect(++crashes).toBeLessThan(12)
  }
  expect(await bench.inbox.counts()).toEqual({ ...emptyCounts, dead: 1 })
  expect(await bench.inbox.get('sematryx:poison')).toMatchObject({
    state: 'dead',
    failures: [{ code: 'interrupted' }],
  })
  expect(Object.keys(bench.effects()).sort()).toEqual([...neighbours].sort())
})

test('whatever a handler throws, its neighbours are acknowledged and handled once, and it is a dead letter', {
  timeout,
}, async () => {
  const bench = workerBench({ attempts: 2 })
  const worker = await bench.start()
  const bad = ['bad-bigint', 'bad-circle', 'bad-getter', 'bad-null']
  const neighbours = ids('neighbour', 30)
  const delivered = [...neighbours.slice(0, 15), ...bad, ...neighbours.slice(15)]
  await Promise.all(delivered.map((id) => bench.deliver(id)))
  await expect.poll(() => bench.inbox.counts(), patience).toEqual({ ...emptyCounts, dead: 4 })
  const twiceEach = Object.fromEntries(bad.map((id) => [id, 2]))
  expect(bench.effects()).toEqual({ ...onceEach(...neighbours), ...twiceEach })
  expect(await worker.stop()).toBe(0)
})

test('in a rolling deploy no event is dropped that only the new version handles', { timeout }, async () => {
  const bench = workerBench()
  const known = ['optimization.completed']
  const old = await bench.start({ types: known })
  const [paid, added] = [ids('known', 100), ids('added', 100)]
  for (const [index, id] of paid.entries()) {
    await bench.deliver(id)
    await bench.deliver(added[index] ?? expect.unreachable(), 'optimization.failed')
    if (index === 50) await bench.start({ types: [...known, 'optimization.failed'] })
  }
  await expect.poll(() => bench.inbox.counts(), patience).toEqual(emptyCounts)
  expect(bench.effects()).toEqual(onceEach(...paid, ...added))
  expect(await old.stop()).toBe(0)
})
