import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { createReceiver, type Inbox, memoryInbox, PermanentError } from '@hookport/core'
import { temporaryFolder } from '@hookport/testkit/temporary-folder'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { deliveryOf, provider, type RunEvent, ranks } from './support/provider.ts'
import { kinds, openInbox, startStore } from './support/stores.ts'
import type { Line } from './support/worker.ts'
import { kill, linesOf, startWorker } from './support/workers.ts'

const start = 1_700_000_000_000

/** Runs with their events, some of one time, some that fail, one in ten for good; and the order in which deliveries come, with duplicates. */
const histories = fc
  .array(
    fc.array(
      fc.record({
        type: fc.constantFrom(...(Object.keys(ranks) as RunEvent['type'][])),
        at: fc.integer({ min: 0, max: 3 }),
        failures: fc.constantFrom(0, 0, 0, 1),
        isLost: fc.constantFrom(false, false, false, false, false, false, false, false, false, true),
      }),
      { minLength: 2, maxLength: 6 },
    ),
    { minLength: 1, maxLength: 4 },
  )
  .chain((runs) => {
    const events = runs.flatMap((run, number) =>
      run.map(
        (event, index): RunEvent => ({
          ...event,
          at: start + event.at,
          run: `run-${number}`,
          id: `evt-${number}-${index}`,
        }),
      ),
    )
    return fc.record({
      events: fc.constant(events),
      deliveries: fc.shuffledSubarray([...events, ...events], {
        minLength: 2 * events.length,
        maxLength: 2 * events.length,
      }),
    })
  })

function compare(one: RunEvent, other: RunEvent): number {
  return one.at - other.at || ranks[one.type] - ranks[other.type]
}

/** What the model says of a log: nothing older after something newer, no two at once, and the newest last. */
function assertModel(events: readonly RunEvent[], lines: readonly Line[]): void {
  const byId = new Map(events.map((event) => [event.id, event]))
  const eventOf = ({ id }: Line) => byId.get(id) ?? expect.unreachable(id)
  for (const run of new Set(events.map((event) => event.run))) {
    const ofRun = lines.filter((line) => eventOf(line).run === run)
    assertNoOverlap(ofRun)
    const ended = ofRun.filter(({ what }) => what === 'end').map(eventOf)
    for (const [at, event] of ended.entries())
      expect(
        compare(event, ended[at - 1] ?? event),
        `${event.id} after something newer`,
      ).toBeGreaterThanOrEqual(0)
    const alive = events.filter((event) => event.run === run && !event.isLost)
    const last = alive.toSorted(compare).at(-1)
    if (last) expect(compare(ended.at(-1) ?? expect.unreachable(), last), `the state of ${run}`).toBe(0)
  }
}

/** One that was under work in a process that was killed begins anew, and no other before it. */
function assertNoOverlap(lines: readonly Line[]): void {
  let active: string | undefined
  for (const { what, id } of lines) {
    if (active !== undefined) expect(id, 'two events of a key at once').toBe(active)
    active = what === 'begin' ? id : undefined
  }
}

async function settled(inbox: Inbox): Promise<void> {
  await expect
    .poll(
      async () => {
        const { pending, scheduled, active } = await inbox.counts()
        return pending + scheduled + active
      },
      { timeout: 60_000, interval: 50 },
    )
    .toBe(0)
}

const order = { by: (event: { data: RunEvent }) => event.data.run, older: 'skip' } as const

test('in memory, any history leads to the state of the model', { timeout: 60_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(histories, async ({ events, deliveries }) => {
      const lines: Line[] = []
      const failed = new Map<string, number>()
      const receiver = createReceiver({
        provider,
        inbox: memoryInbox(),
        logger: false,
        order,
        maxAge: Number.POSITIVE_INFINITY,
        retry: { attempts: 5, initialDelay: 1, maxDelay: 1 },
      })
      receiver.onAnyEvent(async (event) => {
        const { id, failures = 0, isLost } = event.data as RunEvent
        const write = (what: Line['what']) => lines.push({ what, id, handler: 'save', process: 0 })
        write('begin')
        if (Math.random() < 0.5) await new Promise((resolve) => setImmediate(resolve))
        const attempt = (failed.get(id) ?? 0) + 1
        failed.set(id, attempt)
        if (isLost || attempt <= failures) {
          write('fail')
          throw isLost ? new PermanentError('lost') : new Error('not yet')
        }
        write('end')
      })
      for (const event of deliveries) {
        await receiver.receive(deliveryOf(event))
        if (Math.random() < 0.3) await new Promise((resolve) => setImmediate(resolve))
      }
      await settled(receiver.inbox)
      assertModel(events, lines)
      await receiver.stop()
    }),
    { numRuns: process.env.TEST_ALL ? 300 : 40 },
  )
})

describe.each(kinds)('on %s', (kind) => {
  test('histories of two processes that are killed at random lead to the state of the model', {
    timeout: 180_000,
  }, async () => {
    const folder = temporaryFolder()
    const store = await startStore(kind, folder)
    const { inbox, close } = openInbox(store)
    const accepting = createReceiver({
      provider,
      inbox,
      logger: false,
      consume: false,
      order,
      maxAge: Number.POSITIVE_INFINITY,
    })
    const log = join(folder, 'log')
    const settings = { store: { kind: store.kind, at: store.at }, log, handlers: ['save'], ordered: true }
    const workers = [startWorker(settings), startWorker(settings)]
    const seeds = process.env.TEST_ALL ? 12 : 4
    const events: RunEvent[] = []
    const deliveries: RunEvent[] = []
    for (const [index, history] of fc.sample(histories, seeds).entries()) {
      const named = (event: RunEvent) => ({
        ...event,
        id: `${index}-${event.id}`,
        run: `${index}-${event.run}`,
      })
      events.push(...history.events.map(named))
      deliveries.push(...history.deliveries.map(named))
    }
    try {
      for (const [index, event] of deliveries.entries()) {
        await accepting.receive(deliveryOf(event))
        await sleep(Math.random() * 10)
        if (index % 25 !== 24) continue
        const victim = Math.floor(Math.random() * 2)
        await kill(workers[victim] ?? expect.unreachable())
        workers[victim] = startWorker(settings)
      }
      await settled(inbox)
      assertModel(events, linesOf(log))
    } finally {
      for (const worker of workers) await kill(worker)
      await accepting.stop()
      await close()
      await store.stop()
    }
  })
})
