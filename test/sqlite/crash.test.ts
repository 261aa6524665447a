import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { crashBench, deliveryOf, type Effect, post } from './support/crash-bench.ts'
import type { CrashPoint, ReceiverProcess } from './support/start-receiver.ts'

const kills = process.env.TEST_ALL ? 20 : 5
const senders = 8
/** Handlers at once in a process: the default of `concurrency`. */
const concurrency = 16

/** Senders that deliver one event after the other, each until it was answered 200, to whichever process is up. */
function deliverSteadily() {
  const acknowledged = new Set<string>()
  let url: string | undefined
  let stopped = false
  let count = 0
  const sender = async () => {
    while (!stopped) {
      const id = `evt_${count++}`
      while (!stopped) {
        if (url && (await post(url, deliveryOf(id))) === 200) {
          acknowledged.add(id)
          break
        }
        await sleep(5)
      }
    }
  }
  const running = Array.from({ length: senders }, sender)
  return {
    acknowledged,
    deliverTo(process: ReceiverProcess) {
      url = process.url
    },
    async stop() {
      stopped = true
      await Promise.all(running)
    },
  }
}

test('a receiver that is killed again and again under load loses no event that it answered 200, and repeats only what was in flight', {
  timeout: 300_000,
}, async () => {
  const bench = crashBench()
  const delivering = deliverSteadily()
  for (let kill = 0; kill < kills; kill++) {
    const process = await bench.start()
    const before = delivering.acknowledged.size
    delivering.deliverTo(process)
    const isUnderLoad = () => delivering.acknowledged.size > before + senders
    await expect.poll(isUnderLoad, { timeout: 20_000, interval: 10 }).toBe(true)
    await sleep(Math.random() * 250)
    await process.kill()
  }
  const last = await bench.start()
  delivering.deliverTo(last)
  await sleep(300)
  await delivering.stop()

  const withoutEffect = () => {
    const handled = completedIds(bench.effects())
    return [...delivering.acknowledged].filter((id) => !handled.has(id))
  }
  await expect.poll(withoutEffect, { timeout: 20_000, interval: 100 }).toEqual([])
  await sleep(1_000) // for leases of the last kill to end, and be taken over
  expect(await last.stop()).toBe(0)

  expect(delivering.acknowledged.size).toBeGreaterThan(kills * senders)
  expect(bench.query('PRAGMA integrity_check')).toEqual(['ok'])
  expect(bench.query('SELECT count(*) FROM events')).toEqual([0])
  expect(bench.query('SELECT count(*) FROM bodies')).toEqual([0])
  const remembered = new Set(bench.query('SELECT key FROM ids'))
  for (const id of delivering.acknowledged) expect(remembered).toContain(`sematryx:${id}`)
  expectRepeatsOnlyAtKills(bench.effects())
})

test.each<[CrashPoint, { first: number; second: number }]>([
  ['before the reply', { first: 1, second: 1 }],
  ['after take-up', { first: 1, second: 1 }],
  ['mid-handler', { first: 1, second: 1 }],
  ['after the effect', { first: 2, second: 1 }],
  ['between handlers', { first: 1, second: 1 }],
  ['before the completion', { first: 1, second: 2 }],
])('killed %s: each handler runs as often as it has to', { timeout: 30_000 }, async (crashAt, times) => {
  const bench = crashBench()
  const doomed = await bench.start({ crashAt })
  const delivery = deliveryOf('evt_fateful')
  const status = await post(doomed.url, delivery)
  await doomed.gone

  const next = await bench.start()
  if (status !== 200) expect(await post(next.url, delivery)).toBe(200)
  const runsOf = (name: Effect['handler']) => bench.effects().filter(({ handler }) => handler === name).length
  await expect
    .poll(() => ({ first: runsOf('first'), second: runsOf('second') }), { timeout: 10_000 })
    .toEqual(times)
  expect(await next.stop()).toBe(0)
  expect({ first: runsOf('first'), second: runsOf('second') }).toEqual(times)
  expect(bench.query('SELECT count(*) FROM events')).toEqual([0])
  expect(bench.query('PRAGMA integrity_check')).toEqual(['ok'])
})

function completedIds(effects: Effect[]): Set<string> {
  return new Set(effects.filter(({ handler }) => handler === 'second').map(({ id }) => id))
}

/** No effect twice in one process; and of each process, no more than it can have had under work are repeated by later ones. */
function expectRepeatsOnlyAtKills(effects: Effect[]): void {
  const runs = new Map<string, number[]>()
  for (const { handler, id, run } of effects) {
    const name = `${handler} ${id}`
    runs.set(name, [...(runs.get(name) ?? []), run])
  }
  const repeatedOf = new Map<number, number>()
  for (const [name, inRuns] of runs) {
    expect(new Set(inRuns).size, name).toBe(inRuns.length)
    for (const run of inRuns.slice(0, -1)) repeatedOf.set(run, (repeatedOf.get(run) ?? 0) + 1)
  }
  for (const [run, repeated] of repeatedOf)
    expect(repeated, `repeated of run ${run}`).toBeLessThanOrEqual(2 * concurrency)
}
