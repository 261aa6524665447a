/** Room for this many ids, and for this many bytes of keys, to begin with. */
const fewestRows = 1024
const fewestKeyBytes = 32 * 1024

/** A character takes three bytes at most. */
const maxBytesPerCharacter = 3

/** Stands in `until` for a row that was given up before its time. */
const vacated = Number.NEGATIVE_INFINITY

/**
 * Keys, each with a fingerprint and the instant from which on it is forgotten. A million of them are the common case, so all of it
 * lies in columns of plain numbers: a `Map` of strings takes twice the room or more, and the garbage collector has to walk it.
 *
 * A hash table with chains. Rows are in the order of remembering and are given up at the old end; when there is no room at the young
 * end, what is left moves to new columns.
 */
export class RememberedIds {
  /** Against ids that were chosen to fall into one chain. */
  readonly #seed = Math.floor(Math.random() * 2 ** 32)
  #columns = newColumns(fewestRows, fewestKeyBytes)
  #firstRow = 0
  /** Behind the youngest row. The key that was sought last is written here, to be compared, or to be kept. */
  #endRow = 0
  #size = 0
  /** The key that was sought last, and its row or -1, while they hold: what is remembered was sought just before. */
  #sought: string | undefined
  #soughtRow = -1

  get size(): number {
    return this.#size
  }

  /** The fingerprint that is remembered for a key; undefined once it is forgotten. */
  find(key: string, now: number): number | undefined {
    const row = this.#seek(key)
    const { until, fingerprints } = this.#columns
    return row >= 0 && now < (until[row] as number) ? fingerprints[row] : undefined
  }

  /** A key that is remembered again goes to the young end, so that the order of rows stays near the order of expiry. */
  remember(key: string, fingerprint: number, until: number): void {
    const before = this.#seek(key)
    if (before >= 0) this.#vacate(before)
    const row = this.#endRow
    this.#columns.fingerprints[row] = fingerprint
    this.#columns.until[row] = until
    this.#link(row)
    this.#size += 1
    this.#endRow += 1
    this.#sought = undefined
    if (this.#endRow === this.#columns.until.length) this.#moveToNewColumns()
  }

  /** Lets go of forgotten keys, oldest first, up to the first that is still remembered. */
  prune(now: number): void {
    const { until } = this.#columns
    while (this.#firstRow < this.#endRow && (until[this.#firstRow] as number) <= now) {
      if (until[this.#firstRow] !== vacated) this.#vacate(this.#firstRow)
      this.#firstRow += 1
    }
  }

  /** The row of a key, or -1. Writes the key behind the youngest row. */
  #seek(key: string): number {
    if (key === this.#sought) return this.#soughtRow
    const hash = this.#writeKey(key)
    const { buckets, older, hashes } = this.#columns
    let row = (buckets[hash & (buckets.length - 1)] as number) - 1
    while (row >= 0 && !(hashes[row] === hash && this.#isWrittenKey(row))) row = (older[row] as number) - 1
    this.#sought = key
    this.#soughtRow = row
    return row
  }

  /** Returns the key's hash: FNV-1a, seeded. */
  #writeKey(key: string): number {
    let at = this.#keyStart(this.#endRow)
    this.#makeRoomForKey(at + key.length * maxBytesPerCharacter)
    const { keyBytes, keyEnds, hashes } = this.#columns
    let hash = this.#seed
    for (let index = 0; index < key.length; index++) {
      const code = key.charCodeAt(index)
      hash = Math.imul(hash ^ code, 0x01000193)
      if (code < 0x80) keyBytes[at++] = code
      else {
        keyBytes[at++] = 0x80 | (code >>> 12)
        keyBytes[at++] = (code >>> 6) & 0x3f
        keyBytes[at++] = code & 0x3f
      }
    }
    hash ^= hash >>> 15
    keyEnds[this.#endRow] = at
    hashes[this.#endRow] = hash
    return hash
  }

  #isWrittenKey(row: number): boolean {
    const { keyBytes, keyEnds } = this.#columns
    const start = this.#keyStart(row)
    const writtenStart = this.#keyStart(this.#endRow)
    const length = (keyEnds[row] as number) - start
    if (length !== (keyEnds[this.#endRow] as number) - writtenStart) return false
    for (let at = 0; at < length; at++) {
      if (keyBytes[start + at] !== keyBytes[writtenStart + at]) return false
    }
    return true
  }

  #keyStart(row: number): number {
    return row === 0 ? 0 : (this.#columns.keyEnds[row - 1] as number)
  }

  #link(row: number): void {
    const { buckets, older, hashes } = this.#columns
    const bucket = (hashes[row] as number) & (buckets.length - 1)
    older[row] = buckets[bucket] as number
    buckets[bucket] = row + 1
  }

  #vacate(row: number): void {
    const { buckets, older, hashes, until } = this.#columns
    const bucket = (hashes[row] as number) & (buckets.length - 1)
    let younger = (buckets[bucket] as number) - 1
    if (younger === row) buckets[bucket] = older[row] as number
    else {
      while ((older[younger] as number) - 1 !== row) younger = (older[younger] as number) - 1
      older[younger] = older[row] as number
    }
    until[row] = vacated
    this.#size -= 1
    this.#sought = undefined
  }

  #makeRoomForKey(bytes: number): void {
    const { keyBytes } = this.#columns
    if (bytes <= keyBytes.length) return
    this.#columns.keyBytes = new Uint8Array(Math.max(bytes, keyBytes.length * 2))
    this.#columns.keyBytes.set(keyBytes)
  }

  #moveToNewColumns(): void {
    const [first, end] = [this.#firstRow, this.#endRow]
    const rows = end - first
    const [firstByte, endByte] = [this.#keyStart(first), this.#keyStart(end)]
    const before = this.#columns
    const columns = newColumns(roomyPowerOfTwo(rows), Math.max(fewestKeyBytes, 2 * (endByte - firstByte)))
    columns.fingerprints.set(before.fingerprints.subarray(first, end))
    columns.until.set(before.until.subarray(first, end))
    columns.hashes.set(before.hashes.subarray(first, end))
    columns.keyEnds.set(before.keyEnds.subarray(first, end).map((keyEnd) => keyEnd - firstByte))
    columns.keyBytes.set(before.keyBytes.subarray(firstByte, endByte))
    this.#columns = columns
    this.#firstRow = 0
    this.#endRow = rows
    for (let row = 0; row < rows; row++) if (columns.until[row] !== vacated) this.#link(row)
  }
}

/** A power of two that leaves room for half as many again, so that moving stays rare. */
function roomyPowerOfTwo(rows: number): number {
  return Math.max(fewestRows, 2 ** Math.ceil(Math.log2(rows * 1.5)))
}

function newColumns(rows: number, keyBytes: number) {
  return {
    fingerprints: new Float64Array(rows),
    until: new Float64Array(rows),
    hashes: new Int32Array(rows),
    /** The youngest row of a bucket, and behind a row the next older one: rows counted from 1, and 0 for none. */
    buckets: new Int32Array(rows),
    older: new Int32Array(rows),
    /** Where the key of a row ends. It begins where the one before ends. */
    keyEnds: new Float64Array(rows),
    keyBytes: new Uint8Array(keyBytes),
  }
}
