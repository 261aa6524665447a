/** The size of a new table: its rows, and its bytes for keys. */
const fewestRows = 1024
const fewestKeyBytes = 32 * 1024

/** How many bytes one UTF-16 unit has, as keys are written here. */
const maxBytesPerCharacter = 3

/** Written into `until` when the row's key was remembered again and has a younger row. */
const replaced = Number.NEGATIVE_INFINITY

/** The value of a slot without a row: it was never used, or its key is forgotten. */
const empty = 0
const forgotten = -1

/**
 * Remembers keys. Each has a fingerprint, and a time at which it is forgotten.
 *
 * Held to 100 bytes per key, for a million keys. A `Map` of strings takes 190 to 260, and the garbage collector has to walk through it.
 * So this is a hash table over typed arrays:
 *
 * - A key is one row. A new row is added at the end, so the rows stand in the order in which keys were remembered.
 * - Old keys are forgotten from the start. When the end is reached, the rows that are left are copied into new arrays.
 * - A slot of the hash table names a row, with the hash of its key beside it: a search compares hashes, and reads a key only where
 *   they are equal. If a slot is taken, the next one is tried (linear probing).
 * - A slot is not used again until the arrays are new. There are twice as many slots as rows, so half of them stay empty, and
 *   every search comes to an end soon.
 */
export class RememberedIds {
  /** Random, so that nobody can choose ids that all have the same hash. */
  readonly #seed = Math.floor(Math.random() * 2 ** 32)
  #columns = newColumns(fewestRows, fewestKeyBytes)
  /** The oldest row. */
  #firstRow = 0
  /** The row that the next key will get. Every key that is searched for is first written here. It is compared here, and stays if it is remembered. */
  #endRow = 0
  #size = 0
  /** The last search and its answer, until something changes. A key that is remembered was searched for just before. */
  #sought: string | undefined
  #soughtSlot = 0

  get size(): number {
    return this.#size
  }

  /** The fingerprint of a key; undefined if it is unknown or forgotten. */
  find(key: string, now: number): number | undefined {
    const row = this.#rowIn(this.#seek(key))
    const { until, fingerprints } = this.#columns
    return row >= 0 && now < (until[row] as number) ? fingerprints[row] : undefined
  }

  /**
   * Works for a known key too: it gets a new row at the end, so that rows stay roughly in the order in which they are forgotten. A key is never
   * forgotten earlier than was set before.
   */
  remember(key: string, fingerprint: number, until: number): void {
    const slot = this.#seek(key)
    const { fingerprints, until: untils, hashes } = this.#columns
    const before = this.#rowIn(slot)
    const row = this.#endRow
    fingerprints[row] = fingerprint
    untils[row] = before >= 0 ? Math.max(until, untils[before] as number) : until
    if (before >= 0) untils[before] = replaced
    else this.#size += 1
    this.#fill(slot, hashes[row] as number, row)
    this.#endRow += 1
    this.#sought = undefined
    if (this.#endRow === untils.length) this.#moveToNewColumns()
  }

  /** Removes rows whose time is over, oldest first. Stops at the first row whose time is not. */
  prune(now: number): void {
    const { until } = this.#columns
    while (this.#firstRow < this.#endRow && (until[this.#firstRow] as number) <= now) {
      if (until[this.#firstRow] !== replaced) this.#forget(this.#firstRow)
      this.#firstRow += 1
    }
  }

  /** The slot of a key; if there is none, the empty slot that it would get. Writes the key into the row at the end. */
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

  /** A slot is two numbers: the hash of a key, then its row, counted from 1. */
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

  /** Writes a key into the row at the end. Returns its hash: FNV-1a, begun with the seed, and mixed as MurmurHash3 does at its end. */
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
    hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b) // unmixed, ids that differ in their last character would crowd in one place
    hash ^= hash >>> 13
    keyEnds[this.#endRow] = at
    hashes[this.#endRow] = hash
    return hash
  }

  /** Whether the key of a row is the one that was written into the row at the end. */
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

  /** Gives a row that has none the first empty slot for its key. */
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
    for (let row = 0; row < rows; row++) if (columns.until[row] !== replaced) this.#fillEmpty(row)
  }
}

/** Room for at least half as many again, so that moving stays rare. A power of two, so that a slot is found by masking a hash. */
function roomyPowerOfTwo(rows: number): number {
  return Math.max(fewestRows, 2 ** Math.ceil(Math.log2(rows * 1.5)))
}

function newColumns(rows: number, keyBytes: number) {
  return {
    fingerprints: new Float64Array(rows),
    until: new Float64Array(rows),
    hashes: new Int32Array(rows),
    /** Two numbers for each slot, two slots for each row. */
    slots: new Int32Array(4 * rows),
    /** Where the key of a row ends in `keyBytes`. It begins where the key of the row before ends. */
    keyEnds: new Float64Array(rows),
    keyBytes: new Uint8Array(keyBytes),
  }
}
