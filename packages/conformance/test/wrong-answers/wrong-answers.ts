import { lastingVariantsOf, variantsOf } from './variants.ts'

/**
 * How long an answer is wrong: `once`, from the n-th one `onwards`, or `meanwhile`: all answers between two moves of the test, or `since` a move.
 * A move is what a test does to an inbox, such as a put or letting time pass, or a request.
 */
export type Scope = 'once' | 'onwards' | 'meanwhile' | 'since'

/** One thing that is not as it should be, in a run of one test. */
export interface WrongAnswer {
  /** What answers, such as a method, or what else goes wrong, such as `turn late`. */
  readonly source: string
  /** Which answer of this source, from 0, or after which move. */
  readonly call: number
  /** Which of the variants of the right answer it is, or which turn. */
  readonly variant: number
  readonly scope: Scope
}

/** What could be wrong of one source. */
interface Given {
  /** How many variants each answer has. */
  readonly variants: number[]
  /** After which moves it answered. */
  readonly moves: Set<number>
  lasting: number
}

/** What goes wrong for ever may keep an inbox busy for ever. */
const mostAnswers = 500

/** Counts the answers and the moves of a run. One answer may be a wrong one. */
export class Answers {
  readonly given = new Map<string, Given>()
  readonly wrong: WrongAnswer | undefined
  moves = 0
  #isOver = false
  readonly #endings: (() => void)[] = []
  readonly #waiting: { readonly move: number; readonly act: () => void }[] = []

  constructor(wrong?: WrongAnswer) {
    this.wrong = wrong
  }

  /** @param about what was asked about: it makes a source of its own, whose answers can be wrong for a while. */
  of<Value>(source: string, right: Value, about?: string): Value {
    const variants = () => variantsOf(right).length
    const call = this.#countAnswer(source, variants, right)
    const callAbout = about === undefined ? call : this.#countAnswer(`${source} ${about}`, variants, right)
    const { wrong } = this
    if (!wrong || (wrong.source !== source && wrong.source !== `${source} ${about}`)) return right
    if (!this.#isNow(wrong, wrong.source === source ? call : callAbout)) return right
    const isLasting = wrong.scope === 'meanwhile' || wrong.scope === 'since'
    const others = isLasting ? lastingVariantsOf(right) : variantsOf(right)
    return wrong.variant < others.length ? (others[wrong.variant] as Value) : right
  }

  /** Whether something does not happen that should, or does that should not. */
  isOtherwise(source: string): boolean {
    const call = this.#countAnswer(source, () => 1)
    return this.wrong?.source === source && this.#isNow(this.wrong, call)
  }

  /** What is thrown. Undefined where nothing is. */
  errorOf(source: string, right: unknown): unknown {
    const call = this.#countAnswer(source, () => 2)
    if (this.wrong?.source !== source || !this.#isNow(this.wrong, call)) return right
    return this.wrong.variant === 0 ? undefined : new Error('another')
  }

  /** The test does something. */
  move(): void {
    this.moves += 1
    for (const { move, act } of this.#waiting) if (move === this.moves) queueMicrotask(act)
  }

  /** After a move of the test, or at once where it is over. */
  atMove(move: number, act: () => void): void {
    if (move <= this.moves) act()
    else this.#waiting.push({ move, act })
  }

  /** Whether the run is over, though something of it may still go on. All is right from then on, so that it comes to an end. */
  get isOver(): boolean {
    return this.#isOver
  }

  /** To be done once the run is over. */
  atEnd(act: () => void): void {
    this.#endings.push(act)
  }

  end(): void {
    this.#isOver = true
    for (const act of this.#endings) act()
    for (const { act } of this.#waiting) act()
  }

  #isNow({ scope, call }: WrongAnswer, counted: number): boolean {
    if (this.#isOver || counted > mostAnswers) return false
    if (scope === 'once') return counted === call
    if (scope === 'onwards') return counted >= call
    return scope === 'meanwhile' ? this.moves === call : this.moves >= call
  }

  /** Variants are only looked at where all is right, as bodies may be large. */
  #countAnswer(source: string, countVariants: () => number, right?: unknown): number {
    const given = this.given.get(source) ?? { variants: [], moves: new Set(), lasting: 0 }
    this.given.set(source, given)
    given.moves.add(this.moves)
    given.variants.push(this.wrong ? 0 : countVariants())
    if (!this.wrong && right !== undefined) given.lasting ||= lastingVariantsOf(right).length
    return given.variants.length - 1
  }
}
