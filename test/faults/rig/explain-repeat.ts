import type { JournalLine } from './member/journal.ts'
import { type Interval, longestGap, type NamedInterval, overlaps } from './trouble-log.ts'

export type TurnLine = Extract<JournalLine, { kind: 'turn' }>
export type EffectLine = Extract<JournalLine, { kind: 'effect' }>

/** What is known of a run beside the effects. */
export interface Evidence {
  readonly leaseMs: number
  /** All turns of each event, in the order in which the store handed them out. */
  readonly turnsOf: ReadonlyMap<string, readonly TurnLine[]>
  /** When a turn came to its verdict. */
  readonly verdictAt: ReadonlyMap<string, number>
  /** Verdicts that the store did not take, as another had taken the event: by `who id`. */
  readonly voidAt: ReadonlyMap<string, readonly { readonly at: number }[]>
  /** When, and in which turns, the store confirmed that a handler is completed for an event: by `id handler`. */
  readonly keptOf: ReadonlyMap<string, readonly { readonly at: number; readonly turn: string }[]>
  /** When a process died. */
  readonly diedAt: ReadonlyMap<string, number>
  /** When a process was frozen, blocked or starved. */
  readonly stallsOf: ReadonlyMap<string, readonly NamedInterval[]>
  /** When the store was out of reach. */
  readonly storeTrouble: readonly NamedInterval[]
}

/** The points at which an effect may be repeated, as docs/guarantees.md has them. */
export type Reason =
  | 'the handler failed after it'
  | 'killed before the store was told'
  | 'frozen, and taken over'
  | 'blocked, and taken over'
  | 'starved, and taken over'
  | 'the store out of reach, and taken over'

/** A verdict reaches the store within this time, unless something is in trouble: the longest pause of the kit's backoff, and three seconds. */
const tellingMs = 8_000

/** Trouble of a store goes on for so long in its clients: they connect anew. */
const afterTroubleMs = 2_000

/** Why an effect came twice. `unexplained` says what speaks against every reason. */
export type Explanation = { readonly reason: Reason } | { readonly unexplained: string }

/** @param earlier of the turn that was handed out first. */
export function explainRepeat(earlier: EffectLine, later: EffectLine, evidence: Evidence): Explanation {
  const turns = evidence.turnsOf.get(earlier.id) ?? []
  const [first, second] = [earlier, later].map(({ turn }) => turns.find((one) => one.turn === turn))
  if (first === undefined || second === undefined) return { unexplained: 'it came outside of a turn' }
  if (first === second) return { unexplained: 'it came twice in one turn' }
  if (earlier.failing) return { reason: 'the handler failed after it' }
  const kept = evidence.keptOf.get(`${earlier.id} ${earlier.handler}`) ?? []
  // A process that was frozen between the taking and its turn can't know what later turns have done meanwhile.
  const place = (turn: string) => turns.findIndex((one) => one.turn === turn)
  if (kept.some(({ at, turn }) => at < second.at && place(turn) < turns.indexOf(second)))
    return { unexplained: 'the store had confirmed before that the handler was completed' }
  const since = turns.slice(turns.indexOf(first) + 1, turns.indexOf(second) + 1)
  if (!since.some(({ interruptions }) => interruptions > 0))
    return { unexplained: 'no turn was interrupted before it' }
  return explainInterruption(first, second, since, evidence)
}

function explainInterruption(
  first: TurnLine,
  second: TurnLine,
  since: readonly TurnLine[],
  evidence: Evidence,
): Explanation {
  const diedAt = evidence.diedAt.get(first.who)
  if (diedAt !== undefined && diedAt <= second.at) {
    const reason = 'killed before the store was told'
    return hadTimeToTell(first, diedAt, evidence) ?? { reason }
  }
  const taker =
    since.find(({ who }) => who !== first.who) ??
    (wasTakenBetween(first, second, evidence) ? second : undefined)
  if (!taker) return { unexplained: 'the process took again what it was running itself' }
  const from = Math.min(first.at, taker.at) - 2 * evidence.leaseMs
  const reason = reasonOfLapse(first.who, { from, to: taker.at }, evidence)
  if (!reason) return { unexplained: `${taker.who} took it over, and nothing ailed ${first.who}` }
  return hadTimeToTell(first, taker.at, evidence) ?? { reason }
}

/**
 * Whether the first turn was over, and void, before the second began. Then the event was taken in between by a process that began no turn: it
 * died, its answer was lost, or it was being stopped.
 */
function wasTakenBetween(first: TurnLine, second: TurnLine, { verdictAt, voidAt }: Evidence): boolean {
  const from = verdictAt.get(first.turn) ?? Number.POSITIVE_INFINITY
  const isBetween = ({ at }: { at: number }) => from <= at && at <= second.at
  return (voidAt.get(`${first.who} ${first.id}`) ?? []).some(isBetween)
}

function reasonOfLapse(who: string, time: Interval, evidence: Evidence): Reason | undefined {
  const stalls = (evidence.stallsOf.get(who) ?? []).filter((stall) => overlaps(stall, time))
  for (const name of ['frozen', 'blocked'] as const)
    if (stalls.some((stall) => stall.name === name)) return `${name}, and taken over`
  const isAway = troubleOf(evidence).some((trouble) => overlaps(trouble, time))
  if (isAway) return 'the store out of reach, and taken over'
  return stalls.length > 0 ? 'starved, and taken over' : undefined
}

/** Whether the store must have heard of a turn before that time. */
function hadTimeToTell(turn: TurnLine, until: number, evidence: Evidence): Explanation | undefined {
  const verdictAt = evidence.verdictAt.get(turn.turn)
  if (verdictAt === undefined || verdictAt >= until) return undefined
  const trouble = [...(evidence.stallsOf.get(turn.who) ?? []), ...troubleOf(evidence)]
  const undisturbedMs = longestGap({ from: verdictAt, to: until }, trouble)
  if (undisturbedMs < tellingMs) return undefined
  return { unexplained: `the store was not told of its verdict in ${Math.round(undisturbedMs)} ms` }
}

function troubleOf({ storeTrouble }: Evidence): Interval[] {
  return storeTrouble.map(({ from, to }) => ({ from, to: to + afterTroubleMs }))
}
