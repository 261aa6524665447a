/** Room for this many ids, and for this many bytes of keys, to begin with. */
const fewestRows = 1024
const fewestKeyBytes = 32 * 1024

/** A character takes three bytes at most. */
const maxBytesPerCharacter = 3

/** Stands in `until` for a row that was given up before its time. */
const vacated = Number.NEGATIVE_INFINITY

/** Stand in a slot in place of a row: no key was put here, and the key that was is forgotten. */
const empty = 0
const forgotten = -1

/**
 * Keys, each with a fingerprint and the instant from which on it is forgotten. A million of them are the common case, so all of it
 * lies in columns of plain numbers: a `Map` of strings takes twice the room or more, and the garbage collector has to walk it.
 *
 * A hash table with linear probing, whose slots hold hash and row side by side: an id that is new costs one look into memory that is
 * not at hand. Rows are in the order of remembering and are given up at the old end; when there is no room at the young end, what
 * is left moves to new columns. No slot is used twice before that, so that at most half of them are taken.
 */
export class RememberedIds {
  /** Against ids that were chosen to fall into one place. */
  readonly #seed = Math.floor(Math.random() * 2 ** 32)
  #columns = newColumns(fewestRows, fewestKeyBytes)
  #firstRow = 0
  /** Behind the youngest row. The key that was sought last is written here, to be compared, or to be kept. */
  #endRow = 0
  #size = 0
  /** The key that was sought last, and its slot, or the empty one for it, while they hold: what is remembered was sought just before. */
  #sought: string | undefined
  #soughtSlot = 0

  get size(): number {
    return this.#size
  }

  /** The fingerprint that is remembered for a key; undefined once it is forgotten. */
  find(key: string, now: number): number | undefined {
    const row = this.#rowIn(this.#seek(key))
    const { until, fingerprints } = this.#columns
    return row >= 0 && now < (until[row] as number) ? fingerprints[row] : undefined
  }

  /** A key that is remembered again goes to the young end, so that the order of rows stays near the order of expiry. */
  remember(key: string, fingerprint: number, until: number): void {
    const slot = this.#seek(key)
    const { fingerprints, until: untils, hashes } = this.#columns
    const before = this.#rowIn(slot)
    if (before >= 0) untils[before] = vacated
    else this.#size += 1
    const row = this.#endRow
    fingerprints[row] = fingerprint
    untils[row] = until
    this.#fill(slot, hashes[row] as number, row)
    this.#endRow += 1
    this.#sought = undefined
    if (this.#endRow === untils.length) this.#moveToNewColumns()
  }

  /** Lets go of forgotten keys, oldest first, up to the first that is still remembered. */
  prune(now: number): void {
    const { until } = this.#columns
    while (this.#firstRow < this.#endRow && (until[this.#firstRow] as number) <= now) {
      if (until[this.#firstRow] !== vacated) this.#forget(this.#firstRow)
      this.#firstRow += 1
    }
  }

  /** The slot of a key, or the empty one where it belongs. Writes the key behind the youngest row. */
  #seek(key: string): number {
    if (key === this.#sought) return this.#soughtSlot
    const hash = this.#writeKey(key)
    const { slots } = this.#columns
    let slot = this.#firstSlot(hash)
    for (let row = slots[slot + 1] as number; row !== empty; row = slots[slot + 1] as number) {
      if (slots[slot] === hash && row !== forgotten && this.#isWrittenKey(row - 1)) break
      slot = this.#nextSlot(slot)
    }
    this.#sought = key
    this.#soughtSlot = slot
    return slot
  }

  /** A slot is two numbers: a hash, and behind it the row, counted from 1. */
  #firstSlot(hash: number): number {
    return (hash << 1) & (this.#columns.slots.length - 1)
  }

  #nextSlot(slot: number): number {
    return (slot + 2) & (this.#columns.slots.length - 1)
  }

  /** -1 where the slot is empty. */
  #rowIn(slot: number): number {
    return (this.#columns.slots[slot + 1] as number) - 1
  }

  #fill(slot: number, hash: number, row: number): void {
    this.#columns.slots[slot] = hash
    this.#columns.slots[slot + 1] = row + 1
  }

  #forget(row: number): void {
    const { slots, hashes } = this.#columns
    let slot = this.#firstSlot(hashes[row] as number)
    while (this.#rowIn(slot) !== row) slot = this.#nextSlot(slot)
    slots[slot + 1] = forgotten
    this.#size -= 1
    this.#sought = undefined
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
    hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b) // what MurmurHash3 ends with: neighbours in hash would be neighbours in the table
    hash ^= hash >>> 13
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

  #makeRoomForKey(bytes: number): void {
    const { keyBytes } = this.#columns
    if (bytes <= keyBytes.length) return
    this.#columns.keyBytes = new Uint8Array(Math.max(bytes, keyBytes.length * 2))
    this.#columns.keyBytes.set(keyBytes)
  }

  #fillEmpty(row: number): void {
    const hash = this.#columns.hashes[row] as number
    let slot = this.#firstSlot(hash)
    while (this.#columns.slots[slot + 1] !== empty) slot = this.#nextSlot(slot)
    this.#fill(slot, hash, row)
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
    for (let row = 0; row < rows; row++) if (columns.until[row] !== vacated) this.#fillEmpty(row)
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
    /** Hash and row of a key, for twice as many keys as there is room for. */
    slots: new Int32Array(4 * rows),
    /** Where the key of a row ends. It begins where the one before ends. */
    keyEnds: new Float64Array(rows),
    keyBytes: new Uint8Array(keyBytes),
  }
}
