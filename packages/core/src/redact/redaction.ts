import { ConfigurationError } from '../contracts/errors.ts'
import { foundValue } from '../contracts/found-value.ts'
import type { EventRecord } from '../contracts/inbox/event-record.ts'
import { exactJson } from './exact-json.ts'
import { redacted, without } from './without-values.ts'

/** A text this short occurs in other places for other reasons, so it is not searched for. */
const shortestTaken = 4

/** Texts are searched for at most so many forms of values. To search for those of a list of 100,000 numbers would stop the process for seconds. */
const mostTaken = 20_000

/** A payload without the redacted values, and these values. */
interface Redacted {
  readonly text: string | undefined
  readonly taken: ReadonlySet<string>
}

/** The parts of an event that may be shown. */
export interface RedactedEvent {
  /** Its payload. Undefined if it can't be read: neither JSON nor a form, or nested too deeply. */
  readonly text: string | undefined
  /** The headers that were kept with it. */
  readonly headers: Readonly<Record<string, string>> | undefined
  /**
   * A text about the event, without the redacted values. If the payload can't be read, the values are not known, or there are too many to search for:
   * then nothing of the text is kept.
   */
  hide(text: string): string
}

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** The values in events that nobody may see, by paths in their payloads: `data.customer.email`, `data.items.*.name`, `headers.authorization` of the kept headers. */
export class Redaction {
  readonly paths: readonly string[]
  readonly #paths: readonly (readonly string[])[]

  /** @throws {ConfigurationError} for a value that is not a path. */
  constructor(paths: readonly string[]) {
    if (!Array.isArray(paths))
      throw new ConfigurationError(
        `redact is ${foundValue(paths)}; it must be a list of paths, as ['data.customer.email']`,
      )
    const strange = paths.find((path) => typeof path !== 'string' || path.split('.').includes(''))
    if (strange !== undefined)
      throw new ConfigurationError(
        `redact has ${foundValue(strange)}; a path is names with dots between them, as data.customer.email`,
      )
    this.paths = [...new Set(paths)]
    this.#paths = this.paths.map((path) => path.split('.'))
  }

  /** Whether nothing is redacted. */
  get isEmpty(): boolean {
    return this.#paths.length === 0
  }

  /** What may be shown of this event, and of texts about it. */
  of({ rawBody, request }: Pick<EventRecord, 'rawBody' | 'request'>): RedactedEvent {
    const { text, taken } = this.#payload(rawBody)
    const secrets = new Set(taken)
    const left = request && this.#headers(request.headers, secrets)
    const isUnsearchable = text === undefined || secrets.size > mostTaken
    const hide = (about: string) => (isUnsearchable ? redacted : without(secrets, about))
    const headers =
      left && Object.fromEntries(Object.entries(left).map(([name, value]) => [name, hide(value)]))
    return { text, headers, hide }
  }

  #payload(bytes: Uint8Array): Redacted {
    const taken = new Set<string>()
    try {
      const text = decoder.decode(bytes)
      const json = exactJson.parse(text)
      const form = json === undefined ? readForm(text) : undefined
      const read = json ?? form
      if (read === undefined) return { text: undefined, taken }
      // JSON in a field of a form may be the whole payload, as Slack's is. So paths may also begin there.
      const roots = form ? [form, ...Object.values(form)] : [read]
      for (const root of roots) for (const path of this.#paths) take(root, path, taken)
      return { text: exactJson.write(read), taken }
    } catch {
      return { text: undefined, taken }
    }
  }

  /** Headers without those of the paths `headers.NAME`, in upper or lower case. */
  #headers(headers: Readonly<Record<string, string>>, taken: Set<string>): Record<string, string> {
    const copy: Record<string, unknown> = { ...headers }
    for (const [first, ...path] of this.#paths)
      if (first === 'headers') take(copy, [path.join('.').toLowerCase() || '*'], taken)
    return copy as Record<string, string>
  }
}

/**
 * `*` stands for any name and any item of an array. A name also stands for that field of each item of an array. Names with dots in them are found
 * too. In doubt more is removed than was meant.
 */
function take(holder: unknown, path: readonly string[], taken: Set<string>): void {
  if (!isHolder(holder)) return
  for (let length = 1; length <= path.length; length++) {
    const name = path.slice(0, length).join('.')
    for (const key of name === '*' ? Object.keys(holder) : [name])
      if (Object.hasOwn(holder, key)) takeAt(holder, key, path.slice(length), taken)
  }
  const [first = ''] = path
  if (Array.isArray(holder) && !/^(\*|\d+)$/.test(first)) for (const part of holder) take(part, path, taken)
}

function isHolder(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !exactJson.isNumber(value)
}

function takeAt(
  values: Record<string, unknown>,
  key: string,
  rest: readonly string[],
  taken: Set<string>,
): void {
  if (rest.length > 0) take(values[key], rest, taken)
  else if (values[key] !== redacted) {
    collect(values[key], taken)
    values[key] = redacted
  }
}

function collect(value: unknown, taken: Set<string>): void {
  if (taken.size > mostTaken) return
  if (isHolder(value)) {
    for (const part of Object.values(value)) collect(part, taken)
    return
  }
  for (const text of textsOf(value)) {
    if (text.length < shortestTaken || text === 'true' || text === 'false' || text === 'null') continue
    const quoted = quote(text)
    const inspected = quoted.replaceAll('\\"', '"') // as Node shows it, in other quotes
    const twice = [quote(quoted), quote(inAscii(quoted))] // JSON as a text in JSON
    for (const written of [text, encodeText(text), quoted, inAscii(quoted), inspected, ...twice])
      taken.add(written).add(written.replaceAll('/', '\\/')) // as PHP writes JSON by default
    for (const other of [text.toUpperCase(), text.toLowerCase()])
      if (other.length !== text.length) taken.add(other) // `ß` is `SS`, which no search in any case finds
    taken.add(new URLSearchParams({ '': text }).toString().slice(1))
  }
}

/** A number as it was sent, `12.50`, and as a handler sees it, `12.5`. */
function textsOf(value: unknown): readonly string[] {
  if (!exactJson.isNumber(value)) return [String(value)]
  const sent = exactJson.write(value)
  return [sent, String(Number(sent))]
}

function quote(text: string): string {
  return JSON.stringify(text).slice(1, -1)
}

/** As Python writes JSON by default, as errors may quote a body. */
function inAscii(quoted: string): string {
  return quoted.replace(
    /[\u0080-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

/** As in URLs. A lone surrogate, which JSON may contain, can't be in a URL. */
function encodeText(text: string): string {
  return encodeURIComponent(text.replace(/\p{Cs}/gu, '\ufffd'))
}

/**
 * The fields of a form. A field with a JSON object has that object. A field that is there more than once has all of its values. Undefined for a text
 * that is not a form.
 */
function readForm(text: string): Record<string, unknown> | undefined {
  if (!/^[^\s=&{}[\]"]+=/.test(text)) return undefined
  const fields = new Map<string, unknown[]>()
  for (const [name, value] of new URLSearchParams(text)) {
    const inner = /^\s*[{[]/.test(value) ? exactJson.parse(value) : undefined
    const values = fields.get(name) ?? []
    values.push(inner ?? value)
    fields.set(name, values)
  }
  return Object.fromEntries(
    [...fields].map(([name, values]) => [name, values.length === 1 ? values[0] : values]),
  )
}
