import { BodyBytes } from '../../bytes/body-bytes.ts'
import { Refusal } from '../../contracts/errors.ts'

interface BodiesInFlight {
  /** Bytes received of all of them together. */
  bytes: number
  /** Bodies of which some bytes have arrived. The one that has been here for longest is first. */
  readonly bodies: Set<ArrivingBody>
}

/** One count for the whole process, as memory belongs to the process. Receivers of a second copy of core count here too. */
const shared = globalThis as { [key: symbol]: BodiesInFlight | undefined }
const key = Symbol.for('hookport.bodies-in-flight.1')
const inFlight: BodiesInFlight = shared[key] ?? { bytes: 0, bodies: new Set() }
shared[key] = inFlight

/**
 * A body while its bytes arrive, or while it waits for its secret. They are counted together with those of all other bodies in this process. While
 * there are more than `maxBytesInFlight`, bodies are refused, the one that has been here for longest first. So many slow senders can't shut out a
 * quick one. A body counts from its first byte.
 */
export class ArrivingBody {
  readonly #maxBytesInFlight: number
  readonly #refuse: (refusal: Refusal) => void
  #bytes: BodyBytes | undefined

  /**
   * @param refuse is called at most once, with the refusal. `add` may call it too. The bytes that had arrived are released before.
   * @param announcedBytes how long the body says that it is. Defaults to not known.
   */
  constructor(maxBytesInFlight: number, refuse: (refusal: Refusal) => void, announcedBytes?: number) {
    this.#maxBytesInFlight = maxBytesInFlight
    this.#refuse = refuse
    this.#bytes = new BodyBytes(announcedBytes)
  }

  get length(): number {
    return this.#bytes?.length ?? 0
  }

  /** @param isAll whether these are the last bytes. Then the body is not held to the limit. Defaults to false. */
  add(piece: Uint8Array, isAll = false): void {
    if (this.#bytes === undefined) return
    this.#bytes.add(piece)
    if (isAll && this.#bytes.length === piece.length) return
    inFlight.bytes += inFlight.bodies.has(this) ? piece.length : this.#bytes.length
    inFlight.bodies.add(this)
    makeRoom(this.#maxBytesInFlight)
  }

  /** All of its bytes, which are no longer in flight. */
  whole(): Uint8Array {
    const bytes = this.#bytes?.whole() ?? new Uint8Array()
    this.letGo()
    return bytes
  }

  /** Releases the bytes that have arrived, and takes no more. */
  letGo(): void {
    if (inFlight.bodies.delete(this)) inFlight.bytes -= this.length
    this.#bytes = undefined
  }

  /** Releases the bytes that have arrived, and says why. */
  refuse(refusal: Refusal): void {
    this.letGo()
    this.#refuse(refusal)
  }
}

function makeRoom(maxBytesInFlight: number): void {
  for (const body of inFlight.bodies) {
    if (inFlight.bytes <= maxBytesInFlight) return
    body.refuse(noRoom(maxBytesInFlight))
  }
}

function noRoom(maxBytesInFlight: number): Refusal {
  return new Refusal(
    'unavailable',
    `maxBytesInFlight, ${maxBytesInFlight}, is used up, and this body has been here for longest`,
    {
      fix: 'so many slow senders are most likely strangers, unless it is the secrets that come slowly; if genuine bodies are this large, raise maxBytesInFlight',
      closesConnection: true,
      level: 'warn',
    },
  )
}
