/** The bytes of a body as they arrive. In pieces of any size, they take up no more than about twice their number. */
export class BodyBytes {
  #bytes: Uint8Array | undefined
  #length = 0

  get length(): number {
    return this.#length
  }

  /** A first piece is kept as it is; most bodies have no second. */
  add(piece: Uint8Array): void {
    const length = this.#length + piece.length
    if (this.#bytes === undefined) {
      this.#bytes = piece
    } else {
      if (length > this.#bytes.length) this.#bytes = grown(this.#bytes, this.#length, length * 2)
      this.#bytes.set(piece, this.#length)
    }
    this.#length = length
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
