import { setTimeout as sleep } from 'node:timers/promises'
import type { ConsumeOptions, Consumer, Work } from '@hookport/core'
import type { Row, SharedStore } from './shared-store.ts'

/** Looks for due events every few milliseconds. */
export class SharedConsumer implements Consumer {
  readonly #store: SharedStore
  readonly #work: Work
  readonly #options: ConsumeOptions
  readonly #poll: NodeJS.Timeout
  #active = 0
  #stopping: Promise<void> | undefined

  constructor(store: SharedStore, work: Work, options: ConsumeOptions) {
    this.#store = store
    this.#work = work
    this.#options = options
    this.#poll = setInterval(() => this.#takeDue(), 5)
  }

  async idle(): Promise<void> {
    while (this.#active > 0 || (!this.#stopping && this.#store.due(this.#options.provider).length > 0))
      await sleep(5)
  }

  stop(): Promise<void> {
    clearInterval(this.#poll)
    this.#stopping ??= this.#whenFree()
    return this.#stopping
  }

  async #whenFree(): Promise<void> {
    while (this.#active > 0) await sleep(5)
  }

  #takeDue(): void {
    const free = this.#options.concurrency - this.#active
    for (const row of this.#store.due(this.#options.provider).slice(0, free)) void this.#run(row)
  }

  async #run(row: Row): Promise<void> {
    this.#active += 1
    const turn = this.#store.begin(row)
    this.#store.end(turn, await this.#work(turn.attempt))
    this.#active -= 1
  }
}
