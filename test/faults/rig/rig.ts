import { randomUUID } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Inbox } from '@hookport/core'
import { check, type Findings } from './check.ts'
import { Fleet, type FleetOptions, type MemberRole, type Surprise } from './fleet.ts'
import { newestVersion } from './member/handler-sets.ts'
import { machineTime, readJournal } from './member/journal.ts'
import type { TwinName } from './member/twins.ts'
import { postgresStore } from './postgres-store.ts'
import { redisStore } from './redis-store.ts'
import { drawSchedule, type EventFault, type Fault, type FaultKind, type StoreKind } from './schedule.ts'
import { Sending } from './sending.ts'
import { sqliteStore } from './sqlite-store.ts'
import type { RigStore } from './store.ts'
import { overlaps } from './trouble-log.ts'
import { Workload } from './workload.ts'

export interface RigOptions {
  readonly seed: number
  readonly store: StoreKind
  /** How long faults are made. */
  readonly durationMs: number
  /** Where the members' program is, and how Node is to be told to run it. */
  readonly program: Pick<FleetOptions, 'program' | 'nodeArguments'>
  readonly leaseMs?: number
  readonly roles?: readonly MemberRole[]
  readonly senders?: number
  /** How long handlers take, in milliseconds, at least and at most. */
  readonly workMs?: readonly [number, number]
  /** Instead of the one that is drawn from the seed. */
  readonly schedule?: readonly Fault[]
  readonly twin?: TwinName
  /** Of the handlers that the processes begin with: 1, unless told otherwise. */
  readonly version?: number
  /** Told what happens, line by line. */
  readonly say?: (line: string) => void
}

export interface RigReport extends Findings {
  readonly seed: number
  readonly store: StoreKind
  readonly faults: ReadonlyMap<FaultKind, number>
  readonly sent: number
  readonly acknowledged: number
  /** Sent and not acknowledged, though nothing was in the way any more. */
  readonly refused: number
  readonly replies: ReadonlyMap<number | 'none', number>
  /** Dead letters that had to become such. */
  readonly dead: number
  /** Events that are neither handled nor dead at the end. */
  readonly left: number
  /** Processes that ended though nobody ended them. */
  readonly surprises: readonly Surprise[]
  readonly effects: number
  /** The journal and the logs of all processes. Removed where nothing is wrong. */
  readonly folder: string
}

const fleetOfFour: readonly MemberRole[] = [
  { name: 'web', accepts: true, handles: false },
  { name: 'both', accepts: true, handles: true },
  { name: 'worker-1', accepts: false, handles: true },
  { name: 'worker-2', accepts: false, handles: true },
]

interface StoreNeeds {
  readonly folder: string
  readonly seed: number
  readonly leaseMs: number
  readonly fleet: () => Fleet
}

const openStore: Readonly<Record<StoreKind, (needs: StoreNeeds) => RigStore | Promise<RigStore>>> = {
  sqlite: ({ folder, fleet }) => sqliteStore(folder, fleet),
  redis: ({ seed, leaseMs }) => redisStore(seed, leaseMs),
  postgres: ({ leaseMs }) => postgresStore(leaseMs),
}

/** How long everything has to come to its end once the faults are over, on a machine that is busy. */
const patienceMs = 180_000

/** Makes faults for a while, lets everything come to its end, and checks what became of it. */
export async function runRig(options: RigOptions): Promise<RigReport> {
  const { seed, store: kind, leaseMs = 1_000 } = options
  const folder = mkdtempSync(join(tmpdir(), 'hookport-rig-'))
  const journal = join(folder, 'journal.jsonl')
  const once = join(folder, 'once')
  const secret = randomUUID()
  writeFileSync(journal, '')
  mkdirSync(once)
  const store = await openStore[kind]({ folder, seed, leaseMs, fleet: () => fleet })
  const fleet = new Fleet(options.roles ?? fleetOfFour, {
    ...options.program,
    folder,
    version: options.version ?? 1,
    common: { store: store.settings, leaseMs, secret, journal, once, twin: options.twin },
  })
  const workload = new Workload({ seed, secret, workMs: options.workMs ?? [0, 60] })
  const sending = new Sending(workload, fleet)
  try {
    await fleet.start()
    sending.begin(options.senders ?? 8, 50)
    const schedule = options.schedule ?? drawSchedule(seed, kind, options.durationMs, leaseMs)
    const faults = await makeFaults(
      schedule,
      options.durationMs,
      { fleet, store, sending, workload },
      options,
    )
    options.say?.('the faults are over')
    await fleet.deploy(newestVersion)
    await sending.finish(patienceMs)
    const { left, dead } = await comeToRest(store)
    await fleet.end()
    const findings = check({
      store: kind,
      leaseMs,
      acknowledged: sending.acknowledged,
      journal: readJournal(journal),
      deaths: fleet.deaths,
      frozen: fleet.frozen,
      storeTrouble: store.trouble.intervals,
      dead,
    })
    const report: RigReport = {
      ...{ seed, store: kind, faults, ...findings, left, folder },
      sent: sending.sent.length,
      acknowledged: sending.acknowledged.size,
      refused: sending.sent.length - sending.acknowledged.size,
      replies: sending.replies,
      dead: dead.size - findings.innocent.length,
      surprises: fleet.surprises.filter((one) => !isRefusedStart(one, store, fleet)),
      effects: readJournal(journal).filter((line) => line.kind === 'effect').length,
    }
    if (isClean(report)) rmSync(folder, { recursive: true, force: true })
    return report
  } finally {
    await fleet.end()
    await store.stop()
  }
}

/** A file that is locked when a process starts ends it, with a sentence: whoever started it starts it again. */
function isRefusedStart(surprise: Surprise, { kind, trouble }: RigStore, { frozen }: Fleet): boolean {
  if (kind !== 'sqlite' || surprise.wasReady) return false
  return [...trouble.intervals, ...frozen].some((interval) => overlaps(interval, surprise))
}

/** Whether all that is promised was kept. */
export function isClean(report: RigReport): boolean {
  const { lost, dropped, innocent, unexplained, surprises, left, refused, acknowledged, replies } = report
  const known: readonly (number | 'none')[] = [200, 400, 503, 'none'] // 400: a clock that is days ahead calls events stale
  const wrong = [
    lost,
    dropped,
    innocent,
    unexplained,
    surprises,
    [...replies.keys()].filter((one) => !known.includes(one)),
  ]
  return wrong.every(({ length }) => length === 0) && left === 0 && refused === 0 && acknowledged > 0
}

interface Stage {
  readonly fleet: Fleet
  readonly store: RigStore
  readonly sending: Sending
  readonly workload: Workload
}

/** Begins each fault at its time; they overlap. Answers how many of each kind there were. */
async function makeFaults(
  schedule: readonly Fault[],
  durationMs: number,
  stage: Stage,
  { say }: RigOptions,
): Promise<ReadonlyMap<FaultKind, number>> {
  const made = new Map<FaultKind, number>()
  const deploys = { last: Promise.resolve() }
  const beganAt = machineTime()
  const striking = schedule.map(async (fault) => {
    await sleep(Math.max(0, fault.at))
    const wasMade = await strike(fault, stage, deploys)
    if (wasMade) made.set(fault.kind, (made.get(fault.kind) ?? 0) + 1)
    say?.(`${(fault.at / 1000).toFixed(1)} s: ${fault.kind}${wasMade ? '' : ' (could not be made)'}`)
  })
  await Promise.all([...striking, sleep(durationMs)])
  await deploys.last
  say?.(`${Math.round((machineTime() - beganAt) / 1000)} s`)
  return made
}

async function strike(
  fault: Fault,
  { fleet, store, sending, workload }: Stage,
  deploys: { last: Promise<void> },
): Promise<boolean> {
  const { kind, choice, lastsMs } = fault
  switch (kind) {
    case 'kill':
      return fleet.kill(choice)
    case 'freeze':
      return fleet.freeze(choice, lastsMs)
    case 'deploy':
      deploys.last = deploys.last.then(() => fleet.deploy(fleet.version === 1 ? newestVersion : 1))
      await deploys.last
      return true
    case 'clock':
      fleet.setClock(clockSteps[Math.floor(choice * clockSteps.length)] ?? 0)
      await sleep(lastsMs)
      fleet.setClock(0)
      return true
    case 'bad errors':
    case 'block':
    case 'crash once':
    case 'give up':
    case 'poison':
      for (const event of workload.ofFault(kind satisfies EventFault)) sending.send(event)
      return true
    default:
      return store.strike(fault)
  }
}

const hourMs = 3_600_000

/** An hour back, an hour ahead, four days ahead: more than ids are remembered for. */
const clockSteps = [-hourMs, hourMs, 96 * hourMs]

/** Waits until nothing is left to do. Answers how much is, and which events are dead letters. */
async function comeToRest(store: RigStore): Promise<{ left: number; dead: ReadonlySet<string> }> {
  const inbox = store.openInbox()
  try {
    const giveUpAt = machineTime() + patienceMs
    let left = await countLeft(inbox)
    while (left > 0 && machineTime() < giveUpAt) {
      await sleep(200)
      left = await countLeft(inbox)
    }
    const dead = new Set<string>()
    for (let cursor: string | undefined; ; ) {
      const page = await inbox.list({ state: 'dead', limit: 500, ...(cursor && { cursor }) })
      for (const { id } of page.items) dead.add(id)
      cursor = page.cursor
      if (cursor === undefined) return { left, dead }
    }
  } finally {
    await inbox.close()
  }
}

async function countLeft(inbox: Inbox): Promise<number> {
  const { pending, scheduled, active, parked } = await inbox.counts()
  return pending + scheduled + active + parked
}
