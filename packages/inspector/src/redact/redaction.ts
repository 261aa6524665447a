import { ConfigurationError } from '@hookport/core'
import { exactJson } from './exact-json.ts'

/** What stands in the place of a value. */
const redacted = '[redacted]'

/** A text this short stands in other places for other reasons. */
const shortestTaken = 4

/** What is left of a payload, and which values were taken out. */
interface Redacted {
  readonly text: string | undefined
  readonly taken: ReadonlySet<string>
}

/** What nobody is to see, by paths. */
export class Redaction {
  readonly #paths: readonly (readonly string[])[]

  /** @throws {ConfigurationError} for what is no path. */
  constructor(paths: readonly string[]) {
    const strange = paths.find((path) => typeof path !== 'string' || path.split('.').includes(''))
    if (strange !== undefined)
      throw new ConfigurationError(
        `redact has ${JSON.stringify(strange)}; a path is names with dots between them, as data.customer.email`,
      )
    this.#paths = paths.map((path) => path.split('.'))
  }

  get isEmpty(): boolean {
    return this.#paths.length === 0
  }

  /** A payload without what is not to be seen. Undefined for one that can't be read: neither JSON nor a form. */
  payload(text: string): Redacted {
    const taken = new Set<string>()
    const read = exactJson.parse(text) ?? readForm(text)
    if (read === undefined) return { text: undefined, taken }
    for (const path of this.#paths) take(read, path, taken)
    return { text: exactJson.write(read), taken }
  }

  /** Headers without those of the paths `headers.NAME`. */
  headers(headers: Readonly<Record<string, string>>, taken: Set<string>): Record<string, string> {
    const copy: Record<string, unknown> = { ...headers }
    for (const [first, ...path] of this.#paths) if (first === 'headers') take(copy, path, taken)
    return copy as Record<string, string>
  }
}

/** A text without the values that were taken out of the payload: errors and URLs like to repeat them. */
export function without(taken: ReadonlySet<string>, text: string): string {
  let rest = text
  // The longest first: one value may stand in another.
  for (const value of [...taken].sort((one, other) => other.length - one.length))
    rest = rest.replaceAll(value, redacted)
  return rest
}

/** `*` stands for any name, and for any place of an array. */
function take(holder: unknown, [name, ...rest]: readonly string[], taken: Set<string>): void {
  if (typeof holder !== 'object' || holder === null || name === undefined) return
  const values = holder as Record<string, unknown>
  for (const key of name === '*' ? Object.keys(values) : [name]) {
    if (!Object.hasOwn(values, key)) continue
    if (rest.length > 0) take(values[key], rest, taken)
    else {
      collect(values[key], taken)
      values[key] = redacted
    }
  }
}

function collect(value: unknown, taken: Set<string>): void {
  if (typeof value === 'object' && value !== null && !exactJson.isNumber(value)) {
    for (const part of Object.values(value)) collect(part, taken)
    return
  }
  const text = exactJson.isNumber(value) ? exactJson.write(value) : String(value)
  if (text.length < shortestTaken || text === 'true' || text === 'false' || text === 'null') return
  taken.add(text)
  const encoded = encodeURIComponent(text)
  if (encoded !== text) taken.add(encoded)
}

function readForm(text: string): Record<string, string> | undefined {
  if (!/^[^\s=&{}[\]"]+=/.test(text)) return undefined
  return Object.fromEntries(new URLSearchParams(text))
}
