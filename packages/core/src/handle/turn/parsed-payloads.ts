import type { JsonObject } from '../../contracts/event.ts'
import type { EventRecord } from '../../contracts/inbox/event-record.ts'

const maxPayloads = 128

/** The memory of all payloads together. */
const maxBytes = 64 * 1024 * 1024

/** Up to this many bytes of text, the worst is assumed, as reading the text would take a good part of the time of parsing it. */
const smallText = 64 * 1024

const quote = 0x22
const bracket = 0x5b
const brace = 0x7b

/**
 * Keeps the payloads of the last events that were taken on. An event that is handled soon, in the same process, is not parsed again.
 *
 * Payloads stand in a ring: a new one takes the place of the oldest.
 */
export class ParsedPayloads {
  readonly #records = new Array<EventRecord | undefined>(maxPayloads).fill(undefined)
  readonly #payloads = new Array<JsonObject | undefined>(maxPayloads).fill(undefined)
  readonly #sizes = new Array<number>(maxPayloads).fill(0)
  readonly #readPayload: (rawBody: Uint8Array) => JsonObject
  #bytes = 0
  /** The index of the next payload. If the ring is full, the oldest is there, and the ones after it are younger and younger. */
  #next = 0

  constructor(readPayload: (rawBody: Uint8Array) => JsonObject) {
    this.#readPayload = readPayload
  }

  /** Stores a payload. Drops the oldest if there are too many, or they have too many bytes. */
  keep(record: EventRecord, payload: JsonObject): void {
    const size = mostMemoryOf(record.rawBody)
    if (size > maxBytes) return
    this.#drop(this.#next)
    for (let oldest = this.#next + 1; this.#bytes + size > maxBytes; oldest++)
      this.#drop(oldest % maxPayloads)
    this.#records[this.#next] = record
    this.#payloads[this.#next] = payload
    this.#sizes[this.#next] = size
    this.#bytes += size
    this.#next = (this.#next + 1) % maxPayloads
  }

  /** The payload of a record. It is given out once, and parsed again for a retry, as a handler may have changed it. */
  take(record: EventRecord): JsonObject {
    const index = this.#records.indexOf(record)
    const payload = this.#payloads[index]
    if (payload === undefined) return this.#readPayload(record.rawBody)
    this.#drop(index)
    return payload
  }

  #drop(index: number): void {
    this.#bytes -= this.#sizes[index] as number
    this.#sizes[index] = 0
    this.#records[index] = undefined
    this.#payloads[index] = undefined
  }
}

/**
 * The most memory that the JSON of a body uses once it is parsed. Measured in V8: a byte of numbers or text uses up to 4 bytes, and each object,
 * array, text or name up to 64 more. The worst case, empty objects nested in arrays, uses 36 times its text.
 */
function mostMemoryOf(rawBody: Uint8Array): number {
  const { length } = rawBody
  if (length <= smallText) return 36 * length
  let marks = 0
  for (let index = 0; index < length; index++) {
    const byte = rawBody[index]
    if (byte === quote || byte === bracket || byte === brace) marks += 1
  }
  return 6 * length + 64 * marks
}
