import { expect, test } from 'vitest'
import { crashBench, deliveryOf, post } from './support/crash-bench.ts'

test('two processes on one file under load: each event is taken on once and handled once', {
  timeout: 60_000,
}, async () => {
  const bench = crashBench({ leaseMs: 30_000, syncEffects: false })
  const processes = await Promise.all([bench.start(), bench.start()])
  const ids = Array.from({ length: 1_000 }, (_, index) => `evt_${index}`)
  const statuses: (number | undefined)[] = []
  const queue = [...ids]
  const sender = async () => {
    for (let id = queue.shift(); id !== undefined; id = queue.shift()) {
      const delivery = deliveryOf(id)
      statuses.push(...(await Promise.all(processes.map(({ url }) => post(url, delivery)))))
    }
  }
  await Promise.all(Array.from({ length: 16 }, sender))
  expect(statuses).toHaveLength(2 * ids.length)
  expect(new Set(statuses)).toEqual(new Set([200]))

  await expect
    .poll(() => bench.effects().filter(({ handler }) => handler === 'second').length, { timeout: 20_000 })
    .toBe(ids.length)
  expect(await Promise.all(processes.map((process) => process.stop()))).toEqual([0, 0])
  const effects = bench.effects()
  for (const handler of ['first', 'second']) {
    const handled = effects.filter((effect) => effect.handler === handler).map(({ id }) => id)
    expect(handled.sort()).toEqual([...ids].sort())
  }
  for (const run of [1, 2]) expect(effects.filter((effect) => effect.run === run).length).toBeGreaterThan(0)
  expect(bench.query('SELECT count(*) FROM events')).toEqual([0])
  expect(bench.query('PRAGMA integrity_check')).toEqual(['ok'])
})
