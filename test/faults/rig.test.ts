import { rmSync } from 'node:fs'
import { describe, expect, test } from 'vitest'
import { newestVersion } from './rig/member/handler-sets.ts'
import type { TwinName } from './rig/member/twins.ts'
import { fromSources } from './rig/programs.ts'
import { describeReport } from './rig/report.ts'
import { isClean, type RigOptions, type RigReport, runRig } from './rig/rig.ts'
import type { Fault, FaultKind } from './rig/schedule.ts'

const both = { name: 'both', accepts: true, handles: true }
const worker = { name: 'worker', accepts: false, handles: true }

/** Longer than any run should take, on a machine that has much else to do. */
const timeout = 400_000

/** The short form; the long one is `npm run faults`. */
function runShort(options: Pick<RigOptions, 'store'> & Partial<RigOptions>): Promise<RigReport> {
  return runRig({ seed: 13, durationMs: 5_000, leaseMs: 500, senders: 4, program: fromSources, ...options })
}

/** All of it with TEST_ALL; `npm run faults` is the long form. */
const everything = process.env.TEST_ALL !== undefined
const stores = ['sqlite', 'redis', 'postgres'] as const

test.each(everything ? stores : stores.slice(0, 1))(
  'a random schedule of faults on %s: nothing acknowledged is lost or dropped, no innocent event dies, and every repeat has a documented reason',
  { timeout },
  async (store) => {
    const report = await runShort({ store, roles: [both, worker] })
    expect(isClean(report), describeReport(report)).toBe(true)
    expect(report.faults.size).toBeGreaterThan(2)
  },
)

/** Faults at half a second, and at every second after it. */
function scheduleOf(...kinds: readonly FaultKind[]): Fault[] {
  return kinds.map((kind, index) => ({ at: 500 + 1_000 * index, kind, choice: 0, lastsMs: 1_000 }))
}

/** One process, whose handlers take so long that several events are under work when something happens to it. */
const oneProcess = { durationMs: 2_500, roles: [both], workMs: [100, 200] } as const

const twins: readonly {
  readonly twin: TwinName
  readonly schedule: readonly Fault[]
  readonly caught: 'dropped' | 'innocent' | 'unexplained'
  readonly version: number
}[] = [
  { twin: 'drops what nobody handles', schedule: [], caught: 'dropped', version: 1 },
  {
    twin: 'buries an event for interruptions that were its neighbour’s',
    schedule: scheduleOf('poison'),
    caught: 'innocent',
    version: newestVersion,
  },
  {
    twin: 're-takes its own running events',
    schedule: scheduleOf('block', 'block'),
    caught: 'unexplained',
    version: newestVersion,
  },
  {
    twin: 'lets a bad member fail the group',
    schedule: scheduleOf('bad errors', 'bad errors'),
    caught: 'unexplained',
    version: newestVersion,
  },
]

describe('the rig finds out an inbox that', () => {
  test.each(everything ? twins : twins.slice(0, 1))(
    '$twin: $caught',
    { timeout },
    async ({ twin, schedule, caught, version }) => {
      const report = await runShort({ store: 'sqlite', twin, schedule, version, ...oneProcess })
      expect(report[caught].length, describeReport(report)).toBeGreaterThan(0)
      rmSync(report.folder, { recursive: true, force: true }) // kept for whoever asks why a run is not clean
    },
  )
})

test('the faults that find the broken inboxes out find nothing in a sound one', { timeout }, async () => {
  const schedule = twins.flatMap((twin) => twin.schedule)
  const report = await runShort({ store: 'sqlite', schedule, version: newestVersion, ...oneProcess })
  expect(isClean(report), describeReport(report)).toBe(true)
})
