import { UsageError } from '../terminal/exit-codes.ts'

/** `--set data.status=failed`: at a path, a value that is read as JSON where it is some, else as text. */
export interface Setting {
  readonly path: readonly string[]
  readonly value: unknown
}

/** @throws {UsageError} for what is not of the form path=value. */
export function readSettings(texts: readonly string[]): readonly Setting[] {
  return texts.map((text) => {
    const at = text.indexOf('=')
    if (at < 1) throw new UsageError(`--set ${text}: expected PATH=VALUE, such as data.status=failed`)
    return { path: text.slice(0, at).split('.'), value: valueIn(text.slice(at + 1)) }
  })
}

/** @throws {UsageError} where a path leads through what is neither an object nor a list, or to something in a list that has no number. */
export function applySettings(payload: unknown, settings: readonly Setting[]): unknown {
  const changed = structuredClone(payload)
  for (const { path, value } of settings) set(changed, path, value)
  return changed
}

function set(payload: unknown, path: readonly string[], value: unknown): void {
  let place = payload
  for (const [index, name] of path.entries()) {
    if (typeof place !== 'object' || place === null)
      throw new UsageError(
        `--set ${path.join('.')}: ${path.slice(0, index).join('.') || 'the body'} is no object`,
      )
    if (Array.isArray(place) && !/^(0|[1-9]\d{0,5})$/.test(name))
      throw new UsageError(
        `--set ${path.join('.')}: ${path.slice(0, index).join('.') || 'the body'} is a list: its things are 0, 1, 2 …, and it has no ${name}`,
      )
    const fields = place as Record<string, unknown>
    // An own property, whatever its name: `__proto__` is a name like any other.
    const next = index === path.length - 1 ? value : Object.hasOwn(fields, name) ? fields[name] : {}
    Object.defineProperty(fields, name, { value: next, writable: true, enumerable: true, configurable: true })
    place = next
  }
}

function valueIn(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
