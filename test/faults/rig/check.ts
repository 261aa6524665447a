import {
  type EffectLine,
  type Evidence,
  explainRepeat,
  type Reason,
  type TurnLine,
} from './explain-repeat.ts'
import type { Death } from './fleet.ts'
import { handlerSetOf, newestVersion } from './member/handler-sets.ts'
import type { JournalLine } from './member/journal.ts'
import type { StoreKind } from './schedule.ts'
import type { Interval, NamedInterval } from './trouble-log.ts'
import { mustDie, type RigEvent } from './workload.ts'

/** All that is known of a run once it is over. */
export interface Run {
  readonly store: StoreKind
  readonly leaseMs: number
  readonly acknowledged: ReadonlyMap<string, RigEvent>
  readonly journal: readonly JournalLine[]
  readonly deaths: readonly Death[]
  readonly frozen: readonly (Interval & { readonly who: string })[]
  readonly storeTrouble: readonly NamedInterval[]
  /** Ids of the events that are dead letters. */
  readonly dead: ReadonlySet<string>
}

/** What is wrong with an event, in a sentence. */
interface Finding {
  readonly id: string
  readonly what: string
}

export interface Findings {
  /** Acknowledged, and an effect is missing. */
  readonly lost: readonly Finding[]
  /** Those of them that a process has let go, knowing it. */
  readonly dropped: readonly Finding[]
  /** Dead letters of events that did no harm. */
  readonly innocent: readonly Finding[]
  readonly unexplained: readonly Finding[]
  /** How many effects were repeated, by reason. */
  readonly explained: ReadonlyMap<Reason, number>
}

/** Compares what was acknowledged with the effects that came of it. */
export function check(run: Run): Findings {
  const effects = groupBy(linesOf(run.journal, 'effect'), ({ id }) => id)
  const evidence = gatherEvidence(run)
  const incomplete = findIncomplete(run, effects)
  const wasLetGo = lettingGo(run.journal)
  return {
    lost: incomplete.filter(({ id }) => !wasLetGo.has(id)),
    dropped: incomplete.filter(({ id }) => wasLetGo.has(id)),
    innocent: findInnocent(run),
    ...explainRepeats(effects, evidence),
  }
}

function findIncomplete(run: Run, effects: ReadonlyMap<string, readonly EffectLine[]>): Finding[] {
  const versions = new Map(linesOf(run.journal, 'started').map(({ who, version }) => [who, version]))
  const endings = linesOf(run.journal, 'verdict').filter(({ outcome }) => outcome === 'done')
  const endedBy = new Map(endings.map(({ id, who }) => [id, who]))
  const findings: Finding[] = []
  for (const [id, event] of run.acknowledged) {
    if (run.dead.has(id)) continue
    const by = endedBy.get(id)
    const handlers = handlerSetOf((by && versions.get(by)) || newestVersion)[event.type] ?? []
    const missing = handlers.filter((name) => !effects.get(id)?.some(({ handler }) => handler === name))
    if (mustDie(event)) findings.push({ id, what: 'it is no dead letter, as it should be' })
    else if (missing.length > 0 || !effects.has(id))
      findings.push({
        id,
        what: `${event.type}, ended by ${by ?? 'nobody'}, has no effect of ${missing.join(', ')}`,
      })
  }
  return findings
}

/** Ids of the events of which a process has said that they are handled, or that nobody handles them. */
function lettingGo(journal: readonly JournalLine[]): ReadonlySet<string> {
  const observed = linesOf(journal, 'observed').filter(
    ({ what }) => what === 'handled' || what === 'unhandled',
  )
  return new Set(observed.map(({ id }) => id))
}

function findInnocent({ dead, acknowledged }: Run): Finding[] {
  return [...dead].flatMap((id) => {
    const event = acknowledged.get(id)
    if (event && mustDie(event)) return []
    return [{ id, what: `${event?.type ?? 'an event that nobody has sent'} is a dead letter` }]
  })
}

function explainRepeats(
  effects: ReadonlyMap<string, readonly EffectLine[]>,
  evidence: Evidence,
): Pick<Findings, 'unexplained' | 'explained'> {
  const unexplained: Finding[] = []
  const explained = new Map<Reason, number>()
  for (const [earlier, later] of repeatsAmong(effects, evidence)) {
    const found = explainRepeat(earlier, later, evidence)
    const what = `${later.handler} in ${earlier.turn} and ${later.turn}`
    if ('reason' in found) explained.set(found.reason, (explained.get(found.reason) ?? 0) + 1)
    else unexplained.push({ id: later.id, what: `${what}: ${found.unexplained}` })
  }
  return { unexplained, explained }
}

/** Each effect that came again, with the one before it, in the order in which their turns were handed out. */
function* repeatsAmong(
  effects: ReadonlyMap<string, readonly EffectLine[]>,
  { turnsOf }: Evidence,
): Generator<readonly [EffectLine, EffectLine]> {
  for (const [id, ofEvent] of effects) {
    const order = (turnsOf.get(id) ?? []).map(({ turn }) => turn)
    const inOrder = ofEvent.toSorted((one, other) => order.indexOf(one.turn) - order.indexOf(other.turn))
    const last = new Map<string, EffectLine>()
    for (const later of inOrder) {
      const earlier = last.get(later.handler)
      if (earlier) yield [earlier, later]
      last.set(later.handler, later)
    }
  }
}

function gatherEvidence({ store, leaseMs, journal, deaths, frozen, storeTrouble }: Run): Evidence {
  const turnsOf = new Map<string, TurnLine[]>()
  for (const [id, turns] of groupBy(linesOf(journal, 'turn'), (turn) => turn.id))
    turnsOf.set(
      id,
      turns.toSorted((one, other) => one.now - other.now),
    )
  const kept = linesOf(journal, 'kept').flatMap(({ completed, ...line }) =>
    completed.map((handler) => ({ ...line, handler })),
  )
  const stalls = [
    ...linesOf(journal, 'stalled').map(({ who, from, at, reason }) => ({ who, name: reason, from, to: at })),
    ...frozen.map((one) => ({ ...one, name: 'frozen' })),
  ]
  const exits = linesOf(journal, 'exiting').map(({ who, at }) => ({ who, at }))
  return {
    leaseMs,
    turnsOf,
    verdictAt: new Map(linesOf(journal, 'verdict').map(({ turn, at }) => [turn, at])),
    voidAt: groupBy(linesOf(journal, 'void'), ({ who, id }) => `${who} ${id}`),
    keptOf: groupBy(kept, ({ id, handler }) => `${id} ${handler}`),
    diedAt: new Map([...deaths, ...exits].map(({ who, at }) => [who, at])),
    stallsOf: groupBy(stalls, ({ who }) => who),
    // Whoever stands still in the midst of a transaction keeps the others out of the file.
    storeTrouble: store === 'sqlite' ? [...storeTrouble, ...stalls] : storeTrouble,
  }
}

function linesOf<Kind extends JournalLine['kind']>(
  journal: readonly JournalLine[],
  kind: Kind,
): Extract<JournalLine, { kind: Kind }>[] {
  return journal.filter((line) => line.kind === kind) as Extract<JournalLine, { kind: Kind }>[]
}

function groupBy<Item>(items: readonly Item[], keyOf: (item: Item) => string): Map<string, Item[]> {
  const groups = new Map<string, Item[]>()
  for (const item of items) {
    const group = groups.get(keyOf(item))
    if (group) group.push(item)
    else groups.set(keyOf(item), [item])
  }
  return groups
}
