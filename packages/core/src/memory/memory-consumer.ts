import type { Attempt, Consumer, Verdict, Work } from '../contracts/inbox.ts'
import type { Fifo } from './fifo.ts'
import type { Kept } from './kept-events.ts'

/** What a consumer tells the inbox. */
interface Listener {
  begin(kept: Kept): Attempt
  end(kept: Kept, verdict: Verdict): void
  stopped(): void
}

/** Calls back after the replies that are being made now. Edge runtimes have no `setImmediate`. */
const soon: (callback: () => void) => void =
  typeof setImmediate === 'function' ? setImmediate : (callback) => setTimeout(callback, 0)

/** Takes due events off a queue, up to `concurrency` at once. */
export class MemoryConsumer implements Consumer {
  readonly #work: Work
  readonly #concurrency: number
  readonly #due: Fifo<Kept>
  readonly #inbox: Listener
  #active = 0
  #woken = false
  #whenIdle: (() => void)[] = []
  #stopping: Promise<void> | undefined
  #stopped = false

  constructor(work: Work, concurrency: number, due: Fifo<Kept>, inbox: Listener) {
    this.#work = work
    this.#concurrency = concurrency
    this.#due = due
    this.#inbox = inbox
  }

  /** Says that something became due. */
  wake(): void {
    if (this.#woken || this.#stopped) return
    this.#woken = true
    soon(() => {
      this.#woken = false
      this.#takeDue()
    })
  }

  idle(): Promise<void> {
    if (this.#isIdle()) return Promise.resolve()
    return new Promise((resolve) => this.#whenIdle.push(resolve))
  }

  stop(): Promise<void> {
    this.#stopping ??= this.idle().then(() => {
      this.#stopped = true
      this.#inbox.stopped()
    })
    return this.#stopping
  }

  #isIdle(): boolean {
    return this.#active === 0 && (this.#stopped || this.#due.size === 0)
  }

  #takeDue(): void {
    if (this.#stopped) return
    while (this.#active < this.#concurrency) {
      const kept = this.#due.take()
      if (kept === undefined) break
      this.#active += 1
      void this.#run(kept)
    }
    if (this.#isIdle()) for (const resolve of this.#whenIdle.splice(0)) resolve()
  }

  async #run(kept: Kept): Promise<void> {
    const verdict = await this.#work(this.#inbox.begin(kept))
    this.#inbox.end(kept, verdict)
    this.#active -= 1
    this.#takeDue()
  }
}
