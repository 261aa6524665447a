import { decodeJson } from '../bytes/json.ts'
import type { JsonObject } from '../contracts/event.ts'
import type { EventRecord } from '../contracts/event-record.ts'

const maxPayloads = 64

/** Of JSON text, all of them together. Parsed, it takes several times that. */
const maxBytes = 4 * 1024 * 1024

/** Spares an event that is handled soon after it was taken on, in the same process, from being parsed again. */
export class ParsedPayloads {
  readonly #records = new Array<EventRecord | undefined>(maxPayloads).fill(undefined)
  readonly #payloads = new Array<JsonObject | undefined>(maxPayloads).fill(undefined)
  readonly #lengths = new Array<number>(maxPayloads).fill(0)
  #bytes = 0
  /** Where the next goes, and the oldest is if there are as many as may be; those behind it are ever younger. */
  #next = 0

  /** Keeps a payload, in place of the oldest where there are too many of them or too large ones. */
  keep(record: EventRecord, payload: JsonObject): void {
    const { length } = record.rawBody
    if (length > maxBytes) return
    this.#drop(this.#next)
    for (let oldest = this.#next + 1; this.#bytes + length > maxBytes; oldest++)
      this.#drop(oldest % maxPayloads)
    this.#records[this.#next] = record
    this.#payloads[this.#next] = payload
    this.#lengths[this.#next] = length
    this.#bytes += length
    this.#next = (this.#next + 1) % maxPayloads
  }

  /** The payload of a record, for its taker alone: a handler may change its own, and a retry begins with the body. */
  take(record: EventRecord): JsonObject {
    const index = this.#records.indexOf(record)
    const payload = this.#payloads[index]
    if (payload === undefined) return decodeJson(record.rawBody) as JsonObject // it was one when it was accepted
    this.#drop(index)
    return payload
  }

  #drop(index: number): void {
    this.#bytes -= this.#lengths[index] as number
    this.#lengths[index] = 0
    this.#records[index] = undefined
    this.#payloads[index] = undefined
  }
}
