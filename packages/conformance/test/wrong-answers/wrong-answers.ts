import type { Attempt, Consumer, Inbox, Notes, ParkingReport, Work } from '@hookport/core'
import { done } from '../../src/inbox/steps/sample-event.ts'
import { variantsOf } from './variants.ts'

/** One answer that is not as it should be, in a run of one test. */
export interface WrongAnswer {
  /** What answers: a method, or what a consumer is told of. */
  readonly source: string
  /** Which answer of this source, from 0. */
  readonly call: number
  /** Which of the variants of the right answer it is. */
  readonly variant: number
  /** Whether all later answers of this source are wrong in this way, too. */
  readonly onwards?: boolean | undefined
}

/** Counts the answers of a run. One of them may be a wrong one. */
export class Answers {
  /** How many variants each answer has, by its source. */
  readonly given = new Map<string, number[]>()
  readonly #wrong: WrongAnswer | undefined

  constructor(wrong?: WrongAnswer) {
    this.#wrong = wrong
  }

  of<Value>(source: string, right: Value): Value {
    const variants = variantsOf(right)
    const wrong = this.#wrongOne(source, variants.length)
    return wrong === undefined ? right : (variants[wrong] as Value)
  }

  /** Whether something does not happen that should, or does that should not. */
  isOtherwise(source: string): boolean {
    return this.#wrongOne(source, 1) !== undefined
  }

  /** What is thrown. Undefined where nothing is. */
  errorOf(source: string, right: unknown): unknown {
    const others = [undefined, new Error('another')]
    const wrong = this.#wrongOne(source, others.length)
    return wrong === undefined ? right : others[wrong]
  }

  #wrongOne(source: string, variants: number): number | undefined {
    const before = this.given.get(source) ?? []
    this.given.set(source, [...before, variants])
    const wrong = this.#wrong
    if (wrong?.source !== source) return undefined
    const isIt = wrong.onwards ? before.length >= wrong.call : before.length === wrong.call
    return isIt ? wrong.variant : undefined
  }
}

/** An inbox whose answers go through `answers`. */
export function inboxAnswering(inbox: Inbox, answers: Answers): Inbox {
  return new Proxy(inbox, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name)
      if (typeof name === 'symbol' || name === 'then') return value
      if (name === 'consume') return (work: Work, options: object) => consumer(target, work, options, answers)
      if (name === 'notes')
        return answers.isOtherwise(name) ? undefined : notesAnswering(value as Notes, answers)
      return typeof value === 'function' ? method(name, value.bind(target), answers) : answers.of(name, value)
    },
  })
}

function notesAnswering(notes: Notes, answers: Answers): Notes {
  return new Proxy(notes, {
    get: (target, name) =>
      method(`notes.${String(name)}`, (Reflect.get(target, name) as () => unknown).bind(target), answers),
  })
}

/** What a method answers that has changed something. */
const changed: Record<string, unknown> = {
  put: { outcome: 'accepted' },
  confirm: true,
  release: true,
  bury: true,
  park: true,
  renew: true,
  redrive: true,
  replay: true,
  discard: true,
  'notes.write': true,
  close: undefined,
}

function method(source: string, ask: (...given: unknown[]) => unknown, answers: Answers) {
  const failed = (error: unknown) => {
    const other = answers.errorOf(`${source} failed`, error)
    if (other !== undefined) throw other
  }
  return (...given: unknown[]) => {
    if (source in changed && answers.isOtherwise(`${source} not done`))
      return Promise.resolve(changed[source])
    try {
      const answer = ask(...given)
      if (answer instanceof Promise) return answer.then((right) => answers.of(source, right), failed)
      return answers.of(source, answer)
    } catch (error) {
      return failed(error)
    }
  }
}

function consumer(inbox: Inbox, work: Work, options: object, answers: Answers): Consumer {
  const given = options as Parameters<Inbox['consume']>[1]
  const takingTurns: Work = async (attempt: Attempt) => {
    if (answers.isOtherwise('turn left out')) return done
    if (answers.isOtherwise('turn taken twice')) void work(attempt)
    return work(answers.of('turn', attempt) ?? attempt) // the work of tests can't do without one
  }
  const reporting = (happening: ParkingReport) => {
    if (!answers.isOtherwise('report left out')) given.report(answers.of('report', happening))
  }
  const right = inbox.consume(takingTurns, { ...given, report: reporting })
  return new Proxy(right, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name)
      if (typeof value !== 'function') return value
      return (...args: unknown[]) =>
        answers.isOtherwise(`consumer ${String(name)}`) ? Promise.resolve() : value.apply(target, args)
    },
  })
}
