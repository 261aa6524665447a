import { inTime } from './in-time.ts'

/** How many times longer an answer is kept than it took to find. So an answer that is always asked for takes up a twentieth of the time. */
const shareOfTime = 20

interface Answer {
  readonly value: Promise<unknown>
  goodUntil: number
}

/** Answers that many viewers ask for, looked up once for all of them. */
export class Remembered {
  readonly #answers = new Map<string, Answer>()
  readonly #leastMs: number

  /** @param leastMs an answer is kept at least this long. */
  constructor(leastMs: number) {
    this.#leastMs = leastMs
  }

  get<Value>(name: string, find: () => Promise<Value>): Promise<Value> {
    const now = performance.now()
    const known = this.#answers.get(name)
    if (known !== undefined && now < known.goodUntil) return known.value as Promise<Value>
    for (const [other, { goodUntil }] of this.#answers) if (now >= goodUntil) this.#answers.delete(other)
    const value = inTime(find())
    const answer: Answer = { value, goodUntil: Number.POSITIVE_INFINITY }
    this.#answers.set(name, answer)
    value.then(
      () => {
        const end = performance.now()
        answer.goodUntil = end + Math.max(this.#leastMs, (end - now) * shareOfTime)
      },
      () => this.#answers.delete(name),
    )
    return value
  }

  /** Called when something has changed. */
  forget(): void {
    this.#answers.clear()
  }
}
