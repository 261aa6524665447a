import { type ChildProcess, spawn } from 'node:child_process'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createReceiver, type Inbox, replayEvents, resumeHandling } from '@hookport/core'
import { temporaryFolder } from '@hookport/testkit/temporary-folder'
import { describe, expect, test } from 'vitest'
import type { Orders } from './support/operator.ts'
import { deliveryOf, provider } from './support/provider.ts'
import { kinds, openInbox, startStore } from './support/stores.ts'
import { kill, linesOf, startWorker } from './support/workers.ts'

/** `REPLAYED=100000` takes some ten minutes for each store. */
const many = Number(process.env.REPLAYED ?? (process.env.TEST_ALL ? 10_000 : 600))
/** Counting reads all that is kept. */
const patience = {
  timeout: Math.max(process.env.TEST_ALL ? 600_000 : 60_000, 15 * many),
  interval: Math.max(100, many / 100),
}
const script = fileURLToPath(new URL('support/operator.ts', import.meta.url))

/** An operator's process, killed once it has said so many times that it has done a step. */
async function operateAndDie(orders: Orders, steps: number): Promise<void> {
  const operator: ChildProcess = spawn(
    process.execPath,
    ['--conditions=@hookport/source', '--no-warnings', script, JSON.stringify(orders)],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  )
  let said = 0
  for await (const chunk of operator.stdout ?? []) {
    said += String(chunk).split('step').length - 1
    if (said >= steps) break
  }
  await kill(operator)
}

async function sendMany(inbox: Inbox, count: number, first = 0): Promise<void> {
  const accepting = createReceiver({
    provider,
    inbox,
    logger: false,
    consume: false,
    name: 'acme',
    maxAge: Number.POSITIVE_INFINITY,
  })
  for (let at = 0; at < count; at += 100) {
    const ids = Array.from({ length: Math.min(100, count - at) }, (_, index) => `evt-${first + at + index}`)
    await Promise.all(
      ids.map((id) => accepting.receive(deliveryOf({ id, type: 'run.ended', run: 'run', at: Date.now() }))),
    )
  }
}

describe.each(process.env.TEST_ALL ? kinds : (['sqlite'] as const))('on %s', (kind) => {
  test(`a replay of ${many} events for one handler that is killed in its middle and resumed runs it once more for each, and no other`, {
    timeout: 1_800_000,
  }, async () => {
    const folder = temporaryFolder()
    const store = await startStore(kind, folder)
    const { inbox, close } = openInbox(store)
    const log = join(folder, 'log')
    const at = { kind: store.kind, at: store.at }
    const worker = startWorker({ store: at, log, handlers: ['save', 'mail'], ordered: false })
    try {
      await sendMany(inbox, many)
      await expect.poll(async () => (await inbox.counts()).handled, patience).toBe(many)
      const replay = { id: 'fix', handler: 'mail' }
      await operateAndDie({ store: at, replay }, many / 32)
      const before = await replayEvents({ ...replay, dryRun: true }, { inbox, source: 'acme' })
      expect(before.replayed).toBeGreaterThan(0)
      expect(before.replayed).toBeLessThan(many)
      await replayEvents({ ...replay, perSecond: Number.POSITIVE_INFINITY }, { inbox, source: 'acme' })
      await expect.poll(async () => (await inbox.counts()).handled, patience).toBe(many)
      const rest = await replayEvents({ ...replay, dryRun: true }, { inbox, source: 'acme' })
      expect(rest).toMatchObject({ replayed: 0, passedOver: many })
      const runs = new Map<string, number>()
      for (const { what, handler, id } of linesOf(log))
        if (what === 'end') runs.set(`${handler} ${id}`, (runs.get(`${handler} ${id}`) ?? 0) + 1)
      const times = (handler: string) =>
        new Set(Array.from({ length: many }, (_, index) => runs.get(`${handler} evt-${index}`)))
      expect(times('save')).toEqual(new Set([1]))
      expect(times('mail')).toEqual(new Set([2]))
    } finally {
      await kill(worker)
      await inbox.close()
      await close()
      await store.stop()
    }
  })

  test('a pause is seen by a process that runs, outlives the one that made it, and ends when another resumes', {
    timeout: 120_000,
  }, async () => {
    const folder = temporaryFolder()
    const store = await startStore(kind, folder)
    const { inbox, close } = openInbox(store)
    const log = join(folder, 'log')
    const at = { kind: store.kind, at: store.at }
    const settings = { store: at, log, handlers: ['save'], ordered: false }
    const workers = [startWorker(settings)]
    try {
      await sendMany(inbox, 1)
      await expect.poll(async () => (await inbox.counts()).handled, { timeout: 20_000 }).toBe(1)
      await operateAndDie({ store: at, pause: 'the plans are being repaired' }, 1)
      await new Promise((resolve) => setTimeout(resolve, 5_000))
      const before = linesOf(log)
      await sendMany(inbox, 5, 1)
      await new Promise((resolve) => setTimeout(resolve, 3_000))
      workers.push(startWorker(settings)) // it finds the pause, too
      await new Promise((resolve) => setTimeout(resolve, 3_000))
      expect(linesOf(log)).toEqual(before)
      expect(await inbox.counts()).toMatchObject({ pending: 5 })
      await resumeHandling(inbox, 'acme', undefined)
      const resumedAt = performance.now()
      await expect.poll(async () => (await inbox.counts()).handled, { timeout: 20_000 }).toBe(6)
      expect(performance.now() - resumedAt).toBeLessThan(10_000)
    } finally {
      for (const worker of workers) await kill(worker)
      await inbox.close()
      await close()
      await store.stop()
    }
  })
})
