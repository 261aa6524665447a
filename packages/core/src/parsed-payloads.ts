import type { JsonObject } from './event.ts'
import type { EventRecord } from './inbox.ts'
import { parsePayload } from './parse-payload.ts'

/** Together they bound what is kept to 1 MiB of JSON text. Parsed, it takes several times that. */
const maxPayloads = 64
const maxBodyBytes = 16 * 1024

/** Spares an event that is handled soon after it was taken on, in the same process, from being parsed again. */
export class ParsedPayloads {
  readonly #records = new Array<EventRecord | undefined>(maxPayloads).fill(undefined)
  readonly #payloads = new Array<JsonObject | undefined>(maxPayloads).fill(undefined)
  #next = 0

  /** Keeps a payload, in place of the oldest. */
  keep(record: EventRecord, payload: JsonObject): void {
    if (record.rawBody.length > maxBodyBytes) return
    this.#records[this.#next] = record
    this.#payloads[this.#next] = payload
    this.#next = (this.#next + 1) % maxPayloads
  }

  /** The payload of a record, for its taker alone: a handler may change what it is given, and a retry begins with the body. */
  take(record: EventRecord): JsonObject {
    const index = this.#records.indexOf(record)
    const payload = this.#payloads[index]
    if (payload === undefined) return parsePayload(record.rawBody)
    this.#records[index] = undefined
    this.#payloads[index] = undefined
    return payload
  }
}
