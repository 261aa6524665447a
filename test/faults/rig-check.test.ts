import { expect, test } from 'vitest'
import { check, type Run } from './rig/check.ts'
import type { JournalLine } from './rig/member/journal.ts'
import type { RigEvent } from './rig/workload.ts'

const event: RigEvent = {
  id: 'evt_1',
  type: 'optimization.failed',
  orders: { workMs: 0 },
  comesAgain: false,
}

/** A turn at the event that has its effect and comes to a verdict, 10 ms later. */
function turn(who: string, at: number, { interruptions = 0, failing = false } = {}): JournalLine[] {
  const about = { who, turn: `${who}/${at}`, id: event.id }
  return [
    { kind: 'turn', ...about, at, now: at, interruptions },
    { kind: 'effect', ...about, at: at + 5, handler: 'note', failing },
    { kind: 'verdict', ...about, at: at + 10, outcome: failing ? 'retry' : 'done' },
  ]
}

/** What the checker says of a run on Redis with this one event. */
function checked(journal: readonly JournalLine[], more: Partial<Run> = {}) {
  const acknowledged = new Map([[event.id, event]])
  const quiet = { deaths: [], frozen: [], storeTrouble: [], dead: new Set<string>() }
  return check({ store: 'redis', leaseMs: 500, acknowledged, journal, ...quiet, ...more })
}

const nothing = { lost: [], dropped: [], innocent: [], unexplained: [], explained: new Map() }

test('an event that had its effect once is nothing to speak of', () => {
  expect(checked(turn('a', 0))).toEqual(nothing)
})

test('an acknowledged event without an effect is lost, and dropped where a process has let it go', () => {
  expect(checked([]).lost).toHaveLength(1)
  const letGo: JournalLine = { kind: 'observed', who: 'a', at: 0, what: 'unhandled', id: event.id }
  expect(checked([letGo])).toMatchObject({ lost: [], dropped: [{ id: event.id }] })
})

test('an event that lacks the effect of a handler of the version that ended it is lost', () => {
  const charged = { ...event, type: 'optimization.completed' } as const
  const acknowledged = new Map([[event.id, charged]])
  const effects = (names: readonly string[]): JournalLine[] => [
    { kind: 'started', who: 'a', at: 0, version: 2 },
    ...turn('a', 1).filter(({ kind }) => kind !== 'effect'),
    ...names.map((handler) => ({
      ...{ kind: 'effect' as const, who: 'a', at: 2, turn: 'a/1' },
      ...{ id: event.id, handler, failing: false },
    })),
  ]
  expect(checked(effects(['audit', 'charge', 'mail']), { acknowledged }).lost).toEqual([])
  expect(checked(effects(['charge', 'mail']), { acknowledged }).lost).toHaveLength(1)
})

test('a dead letter is innocent unless its event was made to fail for good', () => {
  const dead = new Set([event.id])
  expect(checked([], { dead }).innocent).toHaveLength(1)
  const orders = { workMs: 0, trouble: { kind: 'exits', at: 'note', times: null } } as const
  const acknowledged = new Map([[event.id, { ...event, orders }]])
  expect(checked([], { dead, acknowledged })).toEqual(nothing)
  expect(checked([], { acknowledged }).lost).toHaveLength(1)
})

test('a repeat without a cause is unexplained', () => {
  expect(checked([...turn('a', 0), ...turn('b', 1_000)]).unexplained).toHaveLength(1)
  const taken = [...turn('a', 0), ...turn('b', 1_000, { interruptions: 1 })]
  expect(checked(taken).unexplained).toMatchObject([{ what: expect.stringContaining('nothing ailed a') }])
})

test('a repeat has a reason where the process was killed before it could tell, and none where it had long had the time', () => {
  const journal = (at: number) => [...turn('a', 0), ...turn('b', at, { interruptions: 1 })]
  const reason = 'killed before the store was told'
  expect(checked(journal(1_000), { deaths: [{ who: 'a', at: 20 }] }).explained).toEqual(
    new Map([[reason, 1]]),
  )
  expect(checked(journal(21_000), { deaths: [{ who: 'a', at: 20_000 }] }).unexplained).toHaveLength(1)
  const storeTrouble = [{ name: 'redis killed', from: 0, to: 19_000 }]
  const whileAway = checked(journal(21_000), { deaths: [{ who: 'a', at: 20_000 }], storeTrouble })
  expect(whileAway.explained).toEqual(new Map([[reason, 1]]))
})

test('what the store has confirmed must not be repeated, whoever dies', () => {
  const kept: JournalLine = { kind: 'kept', who: 'a', at: 8, turn: 'a/0', id: event.id, completed: ['note'] }
  const journal = [...turn('a', 0), kept, ...turn('b', 1_000, { interruptions: 1 })]
  expect(checked(journal, { deaths: [{ who: 'a', at: 20 }] }).unexplained).toHaveLength(1)
})

test('what a later turn has had confirmed says nothing against a turn that was handed out before, and began once its process went on', () => {
  const kept: JournalLine = {
    kind: 'kept',
    who: 'c',
    at: 1_550,
    turn: 'c/1500',
    id: event.id,
    completed: ['note'],
  }
  const late = turn('b', 2_000, { interruptions: 1 }).map((line) =>
    line.kind === 'turn' ? { ...line, now: 1_000 } : line,
  )
  const journal = [...turn('a', 0), ...turn('c', 1_500, { interruptions: 2 }), kept, ...late]
  const frozen = ['a', 'b'].map((who) => ({ who, from: 5, to: 1_990 }))
  expect(checked(journal, { frozen })).toMatchObject({
    ...{ lost: [], unexplained: [] },
    explained: new Map([['frozen, and taken over', 2]]),
  })
})

test('a repeat has a reason where the process was frozen and another took the event over, and none where it took it itself', () => {
  const frozen = [{ who: 'a', from: 5, to: 2_000 }]
  const over = [...turn('a', 0), ...turn('b', 1_000, { interruptions: 1 })]
  expect(checked(over, { frozen }).explained).toEqual(new Map([['frozen, and taken over', 1]]))
  const again = [...turn('a', 0), ...turn('a', 2_000, { interruptions: 1 })]
  expect(checked(again, { frozen }).unexplained).toHaveLength(1)
})

test('a repeat in the same process has a reason where the store did not take the verdict of the first turn, and none where that came too late', () => {
  const frozen = [{ who: 'a', from: 5, to: 1_500 }]
  const again = (voidAt: number) => {
    const isVoid: JournalLine = { kind: 'void', who: 'a', at: voidAt, id: event.id }
    return checked([...turn('a', 0), isVoid, ...turn('a', 2_500, { interruptions: 1 })], { frozen })
  }
  expect(again(1_500)).toMatchObject({ unexplained: [], explained: new Map([['frozen, and taken over', 1]]) })
  expect(again(3_000).unexplained).toHaveLength(1)
})

test('a handler that fails after its effect repeats it', () => {
  const journal = [...turn('a', 0, { failing: true }), ...turn('a', 100)]
  expect(checked(journal).explained).toEqual(new Map([['the handler failed after it', 1]]))
})
