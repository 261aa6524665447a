/** Room for this many ids to begin with. It doubles when it is used up. */
const initialRoom = 1024

/**
 * Keys, each with a fingerprint and the instant from which on it is forgotten. A million of them are the common case, so both
 * numbers lie in columns: an object for every id would take up as much again as its key.
 */
export class RememberedIds {
  readonly #rowOf = new Map<string, number>()
  readonly #freeRows: number[] = []
  #fingerprints = new Float64Array(initialRoom)
  #until = new Float64Array(initialRoom)
  #usedRows = 0
  /** Nothing at the old end is forgotten before this instant. */
  #nextPruneAt = Number.NEGATIVE_INFINITY

  get size(): number {
    return this.#rowOf.size
  }

  /** The fingerprint that is remembered for a key; undefined once it is forgotten. */
  find(key: string, now: number): number | undefined {
    const row = this.#rowOf.get(key)
    return row !== undefined && now < (this.#until[row] as number) ? this.#fingerprints[row] : undefined
  }

  /** A key that is remembered again goes to the young end, so that the order of insertion stays near the order of expiry. */
  remember(key: string, fingerprint: number, until: number): void {
    this.#forget(key)
    const row = this.#freeRows.pop() ?? this.#newRow()
    this.#fingerprints[row] = fingerprint
    this.#until[row] = until
    this.#rowOf.set(key, row)
  }

  /** Frees the memory of forgotten keys, oldest first, up to the first that is still remembered. */
  prune(now: number): void {
    if (now < this.#nextPruneAt) return
    for (const [key, row] of this.#rowOf) {
      this.#nextPruneAt = this.#until[row] as number
      if (now < this.#nextPruneAt) return
      this.#forget(key)
    }
  }

  #forget(key: string): void {
    const row = this.#rowOf.get(key)
    if (row === undefined) return
    this.#rowOf.delete(key)
    this.#freeRows.push(row)
  }

  #newRow(): number {
    if (this.#usedRows === this.#until.length) {
      this.#fingerprints = doubled(this.#fingerprints)
      this.#until = doubled(this.#until)
    }
    return this.#usedRows++
  }
}

function doubled(column: Float64Array<ArrayBuffer>): Float64Array<ArrayBuffer> {
  const larger = new Float64Array(column.length * 2)
  larger.set(column)
  return larger
}
