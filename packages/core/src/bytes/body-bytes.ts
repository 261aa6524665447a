/** Collects the bytes of a body as they arrive. They use at most about twice their length in memory, whatever the sizes of the pieces. */
export class BodyBytes {
  readonly #announced: number
  #bytes: Uint8Array | undefined
  #length = 0

  /**
   * @param announced how many bytes the sender has announced. Memory is reserved for at most twice as many as have arrived. Defaults to
   * not known.
   */
  constructor(announced = Number.NaN) {
    this.#announced = announced
  }

  get length(): number {
    return this.#length
  }

  /** The first piece is kept without a copy, unless it is a small part of a larger memory. Most bodies have only one. */
  add(piece: Uint8Array): void {
    const length = this.#length + piece.length
    if (this.#bytes === undefined) {
      this.#bytes = compact(piece)
    } else {
      if (length > this.#bytes.length) this.#bytes = grown(this.#bytes, this.#length, this.#roomFor(length))
      this.#bytes.set(piece, this.#length)
    }
    this.#length = length
  }

  #roomFor(length: number): number {
    const room = length * 2
    return length <= this.#announced && this.#announced < room ? this.#announced : room
  }

  /** All of them, in an array of exactly their length. */
  whole(): Uint8Array {
    const bytes = this.#bytes ?? new Uint8Array()
    return bytes.length === this.#length ? bytes : bytes.slice(0, this.#length)
  }
}

/** On HTTP/1, a request that comes in one go is a piece of memory this long at most, as a rule: the head of one is below 2 KB. */
const memoryOfOne = 4_096

/** On HTTP/2, a piece is a part of all that has come at once over its connection. Where it is a small one, it would hold the rest. */
function compact(piece: Uint8Array): Uint8Array {
  const { byteLength } = piece.buffer
  return byteLength > memoryOfOne && byteLength > 2 * piece.length ? new Uint8Array(piece) : piece
}

function grown(bytes: Uint8Array, length: number, capacity: number): Uint8Array {
  const roomier = new Uint8Array(capacity)
  roomier.set(bytes.subarray(0, length))
  return roomier
}
