import type { Consumer } from '../contracts/handling.ts'

/** When a receiver begins and ceases to handle what its inbox holds. */
export class Consumption {
  readonly #consume: () => Consumer
  /** `when-used`: by itself, once there is a handler. `soon`: there is one, and consumption starts in the next turn of the event loop. */
  #starts: 'when-used' | 'soon' | 'when-asked'
  #consumer: Consumer | undefined
  #stopped = false

  constructor(consume: () => Consumer, startsByItself: boolean) {
    this.#consume = consume
    this.#starts = startsByItself ? 'when-used' : 'when-asked'
  }

  /** Starts by itself, if it shall, once the code that registers handlers has run to its end. */
  #startSoon(): void {
    if (this.#starts !== 'when-used') return
    this.#starts = 'soon'
    setTimeout(() => this.#startIfDue(), 0)
  }

  /** A handler was registered: more may be wanted than before. */
  handlerAdded(): void {
    if (this.#consumer) this.#consumer.wake()
    else this.#startSoon()
  }

  start(): void {
    this.#starts = 'when-asked'
    if (!this.#stopped) this.#consumer ??= this.#consume()
  }

  async idle(): Promise<void> {
    this.#startIfDue()
    await this.#consumer?.idle()
  }

  async stop(): Promise<void> {
    this.#startIfDue()
    this.#stopped = true
    await this.#consumer?.stop()
  }

  #startIfDue(): void {
    if (this.#starts === 'soon') this.start()
  }
}
