import type { Attempt, Consumer, EventRecord, Inbox, ParkingReport, Verdict, Work } from '@hookport/core'
import { done } from '../../src/inbox/steps/sample-event.ts'
import { attemptAt } from '../support/attempt-at.ts'
import type { Answers } from './wrong-answers.ts'

type Options = Parameters<Inbox['consume']>[1]

interface Known {
  readonly work: Work
  readonly options: Options
}

/** The turns that the consumers over one store are given. One of them may be wrong: too late, too early, once more, or not at all. */
export class Turns {
  readonly #answers: Answers
  readonly #consumers: Known[] = []
  readonly #puts: EventRecord[] = []
  /** Verdicts of turns that were taken before their time, by the keys of their events. */
  readonly #early = new Map<string, Promise<Verdict>>()
  #count = 0
  #before: Attempt | undefined

  constructor(answers: Answers) {
    this.#answers = answers
    const { wrong } = answers
    if (wrong && moments.has(wrong.source))
      answers.atMove(wrong.call, () => this.#act(wrong.source, wrong.variant))
  }

  /** An event that was put, and may be handed out. */
  remember(event: unknown): void {
    this.#answers.isOtherwise('event') // counts it
    this.#puts.push(event as EventRecord)
  }

  consumer(inbox: Inbox, work: Work, options: Options): Consumer {
    const answers = this.#answers
    const known = { work, options }
    answers.isOtherwise('consumer')
    this.#consumers.push(known)
    const report = (happening: ParkingReport) => {
      if (answers.isOtherwise('report left out')) return
      if (answers.isOtherwise('report told twice')) options.report(happening)
      options.report(answers.of('report', happening))
    }
    const wanted = () => answers.of('wanted', options.wanted()) ?? options.wanted()
    const running = () => answers.of('running', options.running())
    const other = { ...answers.of('consume given 1', { ...options }) }
    const { parking = options.parking } = other // without it, a consumer ends with an error of its own
    const given = { ...other, wanted, running, report, parking }
    const right = inbox.consume((attempt) => this.#take(attempt, known), given)
    return new Proxy(right, {
      get(target, name) {
        const value: unknown = Reflect.get(target, name)
        if (typeof value !== 'function') return value
        return (...args: unknown[]) => {
          answers.move()
          return answers.isOtherwise(`consumer ${String(name)}`)
            ? Promise.resolve()
            : value.apply(target, args)
        }
      },
    })
  }

  async #take(attempt: Attempt, known: Known): Promise<Verdict> {
    const answers = this.#answers
    const turn = this.#count++
    if (answers.isOver) return done
    const early = this.#early.get(attempt.event.key)
    if (early) {
      this.#early.delete(attempt.event.key)
      return early
    }
    if (answers.isOtherwise('turn left out')) return done
    await this.#heldUp('turn late', turn)
    if (answers.isOtherwise('turn taken twice')) beside(known.work, attempt)
    const checkpoint: Attempt['checkpoint'] = (...given) =>
      answers.isOtherwise('checkpoint not done') ? undefined : attempt.checkpoint(...given)
    const right = this.#abortable({ ...attempt, checkpoint }, turn)
    const { work } = this.#isMoved(turn) ?? known
    const before = answers.isOtherwise('turn of before') ? this.#before : undefined
    this.#before = attempt
    const given = before ?? wholeOr(attempt, answers.of('turn', right))
    const verdict = await work(given)
    await this.#heldUp('verdict late', turn)
    if (answers.isOtherwise('turn taken again')) beside(known.work, attempt)
    return answers.of('verdict', verdict) ?? done
  }

  /** For as long as the wrong answer says. */
  #heldUp(source: string, turn: number): Promise<void> | undefined {
    const { wrong } = this.#answers
    if (wrong?.source !== source || wrong.variant !== turn) return
    return new Promise((resolve) => this.#answers.atMove(wrong.call, resolve))
  }

  #abortable(attempt: Attempt, turn: number): Attempt {
    const { wrong } = this.#answers
    if (wrong?.source !== 'turn aborted' || wrong.variant !== turn) return attempt
    const controller = new AbortController()
    this.#answers.atMove(wrong.call, () => controller.abort())
    return { ...attempt, signal: controller.signal }
  }

  /** Whether a turn is taken by another consumer than the one that it is for. */
  #isMoved(turn: number): Known | undefined {
    const { wrong } = this.#answers
    const isIt = wrong?.source === 'turn of another' && wrong.call === turn
    return isIt ? this.#consumers[wrong.variant] : undefined
  }

  /** A turn or a report of an event that was put, without its inbox. The variant counts the events of each consumer. */
  #act(source: string, variant: number): void {
    const event = this.#puts[Math.floor(variant / mostConsumers)]
    const consumer = this.#consumers[variant % mostConsumers]
    if (!event || !consumer) return
    if (source === 'turn too many') beside(consumer.work, attemptAt(event))
    if (source === 'turn early') this.#early.set(event.key, consumer.work(attemptAt(event)))
    if (source === 'report too many') consumer.options.report({ event, outcome: 'parked' })
  }
}

export const mostConsumers = 4
const moments = new Set(['turn too many', 'turn early', 'report too many'])

/** The work of tests can't do without an event. */
function wholeOr(attempt: Attempt, other: Attempt | undefined): Attempt {
  return other?.event?.id === undefined || other.checkpoint === undefined ? attempt : other
}

/** A turn that nobody waits for. */
function beside(work: Work, attempt: Attempt): void {
  Promise.resolve(work(attempt)).catch(() => {})
}
