import type { JsonObject } from '../../contracts/event.ts'
import type { EventRecord } from '../../contracts/inbox/event-record.ts'
import { payloadMemory } from './payload-memory.ts'

const maxPayloads = 128

/** The memory of all payloads together. */
const maxBytes = 64 * 1024 * 1024

/** The most memory for a byte of JSON. Empty objects nested in arrays use it. */
const mostPerByte = 36
/** Of texts this small, all fit in even at the worst, so nobody need look through them. */
const smallText = maxBytes / maxPayloads / mostPerByte

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
    const size = mostMemoryOf(record.rawBody, payload)
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

function mostMemoryOf({ length }: Uint8Array, payload: JsonObject): number {
  return length <= smallText ? mostPerByte * length : payloadMemory(payload, maxBytes)
}
