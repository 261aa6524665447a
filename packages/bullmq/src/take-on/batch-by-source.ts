import { Batch } from '@hookport/core/inbox-kit'

/** A batch for each source. Batches are kept, as a `Map` that is emptied again and again keeps its old entries in memory. */
export class BatchBySource<Item, Answer> {
  readonly #batches = new Map<string, Batch<Item, Answer>>()
  readonly #send: (source: string, items: readonly Item[]) => Promise<readonly (Answer | Error)[]>

  constructor(send: (source: string, items: readonly Item[]) => Promise<readonly (Answer | Error)[]>) {
    this.#send = send
  }

  add(source: string, item: Item): Promise<Answer> {
    let batch = this.#batches.get(source)
    if (batch === undefined) {
      batch = new Batch((items) => this.#send(source, items))
      this.#batches.set(source, batch)
    }
    return batch.add(item)
  }
}
