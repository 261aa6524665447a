import { UsageError } from '../terminal/exit-codes.ts'

/** `--set data.status=failed`: a value at a path. The value is read as JSON if it is JSON, otherwise as text. */
export interface Setting {
  readonly path: readonly string[]
  readonly value: unknown
}

/** @throws {UsageError} for text that does not have the form path=value. */
export function readSettings(texts: readonly string[]): readonly Setting[] {
  return texts.map((text) => {
    const at = text.indexOf('=')
    if (at < 1) throw new UsageError(`--set ${text}: expected PATH=VALUE, such as data.status=failed`)
    return { path: text.slice(0, at).split('.'), value: valueIn(text.slice(at + 1)) }
  })
}

/** @throws {UsageError} if a path leads through a value that is neither an object nor a list, or into a list without an index. */
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
        `--set ${path.join('.')}: ${path.slice(0, index).join('.') || 'the body'} is not an object`,
      )
    if (Array.isArray(place) && !/^(0|[1-9]\d{0,5})$/.test(name))
      throw new UsageError(
        `--set ${path.join('.')}: ${path.slice(0, index).join('.') || 'the body'} is a list: its items are 0, 1, 2 …, and it has no ${name}`,
      )
    const fields = place as Record<string, unknown>
    // An own property, whatever its name, as `__proto__` is a name like any other.
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
