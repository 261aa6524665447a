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

  /** A payload without what is not to be seen. Undefined for one that can't be read: neither JSON nor a form, or too deep to be gone through. */
  payload(text: string): Redacted {
    const taken = new Set<string>()
    try {
      const json = exactJson.parse(text)
      const form = json === undefined ? readForm(text) : undefined
      const read = json ?? form
      if (read === undefined) return { text: undefined, taken }
      // What a form has as JSON in a field may be all of the payload, as Slack's is: paths begin there, too.
      const roots = form ? [form, ...Object.values(form)] : [read]
      for (const root of roots) for (const path of this.#paths) take(root, path, taken)
      return { text: exactJson.write(read), taken }
    } catch {
      return { text: undefined, taken }
    }
  }

  /** Headers without those of the paths `headers.NAME`, in whatever case. */
  headers(headers: Readonly<Record<string, string>>, taken: Set<string>): Record<string, string> {
    const copy: Record<string, unknown> = { ...headers }
    for (const [first, ...path] of this.#paths)
      if (first === 'headers') take(copy, [path.join('.').toLowerCase() || '*'], taken)
    return copy as Record<string, string>
  }
}

/** A text without the values that were taken out of the payload: errors and URLs like to repeat them, in other letters or escaped. */
export function without(taken: ReadonlySet<string>, text: string): string {
  let rest = text
  let lower = text.toLowerCase()
  // The longest first: one value may stand in another.
  for (const value of [...taken].sort((one, other) => other.length - one.length)) {
    if (!lower.includes(value.toLowerCase())) continue
    rest = rest.replaceAll(value, redacted).replace(inAnyCase(value), redacted)
    lower = rest.toLowerCase()
  }
  return rest
}

function inAnyCase(value: string): RegExp {
  return new RegExp(value.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&'), 'gi')
}

/**
 * `*` stands for any name, and for any place of an array; a name for that of each thing in an array. Names with dots in them are found, too: rather is
 * too much taken out than something left that was meant.
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
  if (isHolder(value)) {
    for (const part of Object.values(value)) collect(part, taken)
    return
  }
  const text = exactJson.isNumber(value) ? exactJson.write(value) : String(value)
  if (text.length < shortestTaken || text === 'true' || text === 'false' || text === 'null') return
  for (const written of [text, encodeText(text), JSON.stringify(text).slice(1, -1)]) taken.add(written)
  taken.add(new URLSearchParams({ '': text }).toString().slice(1))
}

/** As URLs have it. A lone surrogate, of which there can be one in JSON, has no place in them. */
function encodeText(text: string): string {
  return encodeURIComponent(text.replace(/\p{Cs}/gu, '\ufffd'))
}

/** The fields of a form. One whose value is an object in JSON has that. Undefined for what is no form. */
function readForm(text: string): Record<string, unknown> | undefined {
  if (!/^[^\s=&{}[\]"]+=/.test(text)) return undefined
  const fields = [...new URLSearchParams(text)].map(([name, value]): [string, unknown] => {
    const inner = /^\s*[{[]/.test(value) ? exactJson.parse(value) : undefined
    return [name, inner ?? value]
  })
  return Object.fromEntries(fields)
}
