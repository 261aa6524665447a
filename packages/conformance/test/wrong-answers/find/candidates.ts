import { mostConsumers } from '../turns.ts'
import type { Answers, Scope, WrongAnswer } from '../wrong-answers.ts'
import type { Follower } from './expectations.ts'

/** What was answered, and moved, while an expectation looked. */
interface Window {
  readonly answers: readonly { readonly source: string; readonly from: number; readonly to: number }[]
  readonly fromMove: number
  readonly toMove: number
  readonly turns: number
}

interface Moment {
  readonly counts: ReadonlyMap<string, number>
  readonly move: number
}

/** The answers that each expectation of a right run depends on. */
export class Windows implements Follower {
  readonly #answers: Answers
  readonly #begun = new Map<string, Moment>()
  readonly #windows = new Map<string, Window[]>()
  #ended: Moment = { counts: new Map(), move: 0 }

  constructor(answers: Answers) {
    this.#answers = answers
  }

  /** What it looks at may have been asked for since the expectation before. */
  begins(place: string): void {
    this.#begun.set(place, this.#ended)
  }

  ends(place: string): void {
    const begun = this.#begun.get(place)
    if (!begun) return
    const counts = this.#counts()
    const answers = [...counts].flatMap(([source, to]) => {
      const from = begun.counts.get(source) ?? 0
      return to > from ? [{ source, from, to }] : []
    })
    this.#ended = { counts, move: this.#answers.moves }
    const window = {
      answers,
      fromMove: begun.move,
      toMove: this.#answers.moves,
      turns: counts.get('turn') ?? 0,
    }
    this.#windows.set(place, [...(this.#windows.get(place) ?? []), window])
  }

  /** What could make this expectation fail, and no other. */
  candidatesFor(place: string): WrongAnswer[] {
    const windows = some(this.#windows.get(place) ?? [], 4)
    return windows.toReversed().flatMap((window) => mixed(this.#answersIn(window), this.#turnsBefore(window)))
  }

  #counts(): Map<string, number> {
    return new Map([...this.#answers.given].map(([source, { variants }]) => [source, variants.length]))
  }

  #answersIn({ answers, fromMove, toMove }: Window): WrongAnswer[] {
    return answers.flatMap(({ source, from, to }) => {
      const given = this.#answers.given.get(source)
      if (!given) return []
      const moves = some(range(fromMove, toMove + 1), 3)
      const lasting = range(0, given.lasting).flatMap((variant) =>
        moves.flatMap((call) => [
          { source, call, variant, scope: 'meanwhile' as const },
          { source, call, variant, scope: 'since' as const },
        ]),
      )
      const single = some(range(from, to), 3).flatMap((call) =>
        range(0, given.variants[call] ?? 0).map((variant) => wrongOnce(source, call, variant)),
      )
      return mixed(single, lasting)
    })
  }

  /** What could be wrong of the turns that an expectation has seen, or has waited for. */
  #turnsBefore({ fromMove, toMove, turns }: Window): WrongAnswer[] {
    const { given, moves } = this.#answers
    const late = some(range(Math.max(0, turns - 8), turns), 8)
    const laterMoves = [...new Set([toMove + 1, toMove + 2, moves])]
    const events = some(range(0, given.get('event')?.variants.length ?? 0), 8)
    const consumers = range(0, Math.min(mostConsumers, given.get('consumer')?.variants.length ?? 0))
    const nearMoves = range(Math.max(1, fromMove - 2), toMove + 1).toReversed()
    const changed = late
      .toReversed()
      .flatMap((turn) =>
        ['turn', 'verdict'].flatMap((source) =>
          range(0, given.get(source)?.variants[turn] ?? 0).map((variant) => wrongOnce(source, turn, variant)),
        ),
      )
    const outOfTime = [
      ...late.flatMap((turn) =>
        laterMoves.flatMap((call) =>
          ['turn late', 'verdict late'].map((source) => wrongOnce(source, call, turn)),
        ),
      ),
      ...some(nearMoves, 4).flatMap((call) =>
        events.flatMap((event) =>
          consumers.flatMap((consumer) =>
            ['turn too many', 'turn early', 'report too many'].map((source) =>
              wrongOnce(source, call, event * mostConsumers + consumer),
            ),
          ),
        ),
      ),
      ...late.flatMap((turn) => [
        wrongOnce('turn left out', turn, 0),
        wrongOnce('turn of before', turn, 0),
        wrongOnce('turn taken twice', turn, 0),
        wrongOnce('turn taken again', turn, 0),
        ...consumers.map((consumer) => wrongOnce('turn of another', turn, consumer)),
        ...some(nearMoves, 4).map((call) => wrongOnce('turn aborted', call, turn)),
      ]),
    ]
    return mixed(changed, outOfTime)
  }
}

/** Every answer of a right run, wrong in every way. */
export function everyWrongAnswer({ given }: Answers): WrongAnswer[] {
  const every = (scope: Scope) =>
    [...given].flatMap(([source, { variants }]) =>
      variants.flatMap((count, call) =>
        range(0, count).map((variant): WrongAnswer => ({ source, call, variant, scope })),
      ),
    )
  return [...every('once'), ...every('onwards')]
}

function wrongOnce(source: string, call: number, variant: number): WrongAnswer {
  return { source, call, variant, scope: 'once' }
}

function range(from: number, to: number): number[] {
  return Array.from({ length: Math.max(0, to - from) }, (_, index) => from + index)
}

/** The first ones, and the last. */
function some<Item>(items: readonly Item[], most: number): Item[] {
  return items.length <= most ? [...items] : [...items.slice(0, most - 1), ...items.slice(-1)]
}

/** Takes turns between two lists. */
function mixed<Item>(one: readonly Item[], other: readonly Item[]): Item[] {
  return range(0, Math.max(one.length, other.length)).flatMap((at) => [
    ...one.slice(at, at + 1),
    ...other.slice(at, at + 1),
  ])
}
