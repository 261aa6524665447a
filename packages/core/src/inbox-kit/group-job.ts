import { type HookportError, isHookportError } from '../contracts/errors.ts'
import { ownPerformance } from '../time/soon.ts'

/** One write of a group. */
export class GroupJob {
  readonly bytes: number
  readonly mostWaitMs: number
  readonly fail: (error: unknown) => void
  readonly #since = ownPerformance.now()
  readonly #write: () => unknown
  readonly #resolve: (result: unknown) => void
  #result: unknown
  #refusal: HookportError | undefined

  constructor(
    write: () => unknown,
    bytes: number,
    mostWaitMs: number,
    resolve: (result: unknown) => void,
    reject: (error: unknown) => void,
  ) {
    this.#write = write
    this.bytes = bytes
    this.mostWaitMs = mostWaitMs
    this.#resolve = resolve
    this.fail = reject
  }

  isLate(now: number): boolean {
    return now - this.#since > this.mostWaitMs
  }

  run(): void {
    this.#refusal = undefined
    try {
      this.#result = this.#write()
    } catch (error) {
      if (!isHookportError(error)) throw error
      this.#refusal = error
    }
  }

  succeed(): void {
    if (this.#refusal) this.fail(this.#refusal)
    else this.#resolve(this.#result)
  }
}
