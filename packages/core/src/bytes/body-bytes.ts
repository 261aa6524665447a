/** The bytes of a body as they arrive. In pieces of any size, they take up no more than about twice their number. */
export class BodyBytes {
  readonly #announced: number
  #bytes: Uint8Array | undefined
  #length = 0

  /** @param announced how many there are to be; room is made for no more of them than twice as many as have come. Defaults to not known. */
  constructor(announced = Number.NaN) {
    this.#announced = announced
  }

  get length(): number {
    return this.#length
  }

  /** A first piece is kept as it is; most bodies have no second. */
  add(piece: Uint8Array): void {
    const length = this.#length + piece.length
    if (this.#bytes === undefined) {
      this.#bytes = piece
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

function grown(bytes: Uint8Array, length: number, capacity: number): Uint8Array {
  const roomier = new Uint8Array(capacity)
  roomier.set(bytes.subarray(0, length))
  return roomier
}
