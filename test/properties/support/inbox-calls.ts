import { type Failure, noProgress, type Progress } from '@hookport/core'
import fc from 'fast-check'

const longMs = 3 * 24 * 60 * 60 * 1000

/** Events have one of these ids: few, so that calls are about the same ones. */
export const ids = ['e0', 'e1', 'e2', 'e3'] as const

const id = fc.constantFrom('e0', 'e0', 'e0', 'e1', 'e1', 'e2', 'e3')

/** The other names that events of each id have: a happening, or the key of another. */
const aliases = fc.constantFrom([], [], ['first'], ['first'], ['second'], ['first', 'second'], ['e1'])

const failure: Failure = { handler: 'other', code: 'error', message: 'broken \ud800', at: 1 }

const progress = fc.constantFrom<Progress[]>(
  noProgress,
  { completed: ['save'], abandoned: [] },
  { completed: ['save', 'mail'], abandoned: [], outOfOrder: true },
  {
    completed: ['save'],
    abandoned: [failure],
    waiting: [{ handler: 'mail', attempt: 2, dueAt: 5, delayMs: 7 }],
  },
)

const failures = fc.constantFrom<(readonly Failure[])[]>(
  [],
  [failure],
  [failure, { ...failure, handler: null }],
)

const event = fc.record({
  id,
  origin: fc.constantFrom('delivery', 'delivery', 'delivery', 'reconciled'),
  order: fc.constantFrom(undefined, undefined, 'one', 'one', 'two'),
  createdAt: fc.nat(2),
  orderRank: fc.constantFrom(undefined, 0, 1, -1),
  type: fc.constantFrom('A', 'A', 'B', 'C'),
  fingerprint: fc.constantFrom(1, 1, 2),
  unreadable: fc.constantFrom(undefined, undefined, undefined, undefined, undefined, true),
})

const which = fc.nat(5)

/** @param times durations. Where the time can't be moved, they are all long. */
function verdicts(times: fc.Arbitrary<number>) {
  const newest = fc.constantFrom({ save: { createdAt: 1, rank: 0 } }, { mail: { createdAt: 2, rank: 1 } })
  const legacy = fc.option(fc.record({ newest, rememberMs: times }), { nil: undefined })
  return fc.oneof(
    fc.record({
      outcome: fc.constant('done'),
      progress,
      keepMs: fc.constantFrom(undefined, 0, longMs),
      legacy,
    }),
    fc.record({
      outcome: fc.constant('retry'),
      delayMs: fc.oneof(fc.constant(0), times),
      progress,
      failures,
      attemptUsed: fc.boolean(),
      keepInterruptions: fc.boolean(),
      untilWanted: fc.boolean(),
      legacy,
    }),
    fc.record({ outcome: fc.constant('dead'), progress, failures, legacy }),
    fc.record({ outcome: fc.constant('park'), progress, legacy }),
    fc.record({ outcome: fc.constant('replace'), event, rememberMs: times }),
  )
}

/** One call on an inbox, or what becomes of a turn. `pass` lets time go by. */
function calls(times: fc.Arbitrary<number>, passes: number) {
  const how = { which, progress, failures, rememberMs: times }
  const types = fc.constantFrom<('all' | string[])[]>('all', ['A'], ['A', 'B'], ['B'], [])
  const of = <Name extends string, Fields extends object>(
    weight: number,
    call: Name,
    fields: { [Field in keyof Fields]: fc.Arbitrary<Fields[Field]> },
  ) =>
    ({ weight, arbitrary: fc.record({ call: fc.constant(call), ...fields } as never) }) as {
      weight: number
      arbitrary: fc.Arbitrary<{ readonly call: Name } & Readonly<Fields>>
    }
  return fc.oneof(
    of(8, 'put', {
      event,
      rememberMs: times,
      failure: fc.constantFrom(undefined, undefined, undefined, failure),
    }),
    of(4, 'claim', { event, rememberMs: times, leaseMs: times }),
    of(1, 'renew', { which, leaseMs: times }),
    of(1, 'confirm', { which, rememberMs: times }),
    of(2, 'release', { which, progress, attemptUsed: fc.boolean() }),
    of(1, 'bury', how),
    of(1, 'park', how),
    of(3, 'redrive', { id, force: fc.boolean() }),
    of(3, 'replay', {
      id,
      by: fc.constantFrom('r1', 'r2'),
      handler: fc.constantFrom(undefined, 'save', 'mail'),
      again: fc.boolean(),
    }),
    of(2, 'discard', { id }),
    of(12, 'conclude', { which, verdict: verdicts(times) }),
    of(1, 'checkpoint', { which, progress }),
    of(2, 'want', { types, others: fc.constantFrom('park', 'park', 'hand-out', 'drop') }),
    of(2, 'pause', {}),
    of(passes, 'pass', {}),
  )
}

/** What is called one after the other, and the other names of the events, by their ids. */
export function histories(shortMs?: number) {
  const times = shortMs === undefined ? fc.constant(longMs) : fc.constantFrom(shortMs, longMs, longMs)
  return fc.record({
    aliases: fc.tuple(aliases, aliases, aliases, aliases),
    calls: fc.array(calls(times, shortMs === undefined ? 0 : 2), {
      minLength: 5,
      maxLength: 40,
      size: 'max',
    }),
  })
}

type ValueOf<Of> = Of extends fc.Arbitrary<infer Value> ? Value : never

export type History = ValueOf<ReturnType<typeof histories>>
export type Call = History['calls'][number]
export type Sketch = ValueOf<typeof event>
