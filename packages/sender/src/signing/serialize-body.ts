import type { Wire, WireForm } from '../wire/wire-form.ts'
import { pythonNumber } from './python-number.ts'

/** The arguments of Python's `json.dumps` that a form uses. */
interface Layout {
  itemSeparator: string
  keySeparator: string
  /** Spaces per level; 0 keeps everything on one line. */
  indent: number
  sortKeys: boolean
  /** Writes non-ASCII as `\uXXXX` (Python's `ensure_ascii`). */
  escapeNonAscii: boolean
  /** Written after the document. */
  end: string
}

const spaced: Layout = {
  itemSeparator: ', ',
  keySeparator: ': ',
  indent: 0,
  sortKeys: false,
  escapeNonAscii: true,
  end: '',
}
const compact: Layout = { ...spaced, itemSeparator: ',', keySeparator: ':' }

const layouts: Record<WireForm, Layout> = {
  compact,
  spaced,
  indented: { ...spaced, itemSeparator: ',', indent: 2, end: '\n' },
  unicode: { ...spaced, escapeNonAscii: false },
  reserialized: spaced,
  documented: spaced,
  real: { ...compact, sortKeys: true },
}

/**
 * Writes an event as the text that the provider sends in this form.
 *
 * Fields that are `undefined` are left out. NaN and the infinities are written as Python writes them. Throws `TypeError` for values that JSON can't
 * represent: functions, symbols, dates and other class instances.
 */
export function serializeBody(wire: Wire, event: unknown): string {
  const layout = layouts[wire.form]
  return writeValue(event, layout, 1) + layout.end
}

function writeValue(value: unknown, layout: Layout, depth: number): string {
  if (value === null || typeof value === 'boolean') return String(value)
  if (typeof value === 'number' || typeof value === 'bigint') return pythonNumber(value)
  if (typeof value === 'string') return writeString(value, layout)
  if (Array.isArray(value)) {
    const items = value.map((item) => writeValue(item, layout, depth + 1))
    return enclose('[', items, ']', layout, depth)
  }
  if (isPlainObject(value)) {
    const entries = Object.entries(value).filter(([, member]) => member !== undefined)
    if (layout.sortKeys) entries.sort(([a], [b]) => compareCodePoints(a, b))
    const members = entries.map(
      ([key, member]) =>
        writeString(key, layout) + layout.keySeparator + writeValue(member, layout, depth + 1),
    )
    return enclose('{', members, '}', layout, depth)
  }
  throw new TypeError(`a value of type ${typeName(value)} cannot be written as JSON`)
}

/** Both languages escape in the same way, except that Python's `ensure_ascii` also escapes everything from DEL upwards. */
function writeString(text: string, layout: Layout): string {
  const quoted = JSON.stringify(text)
  if (!layout.escapeNonAscii) return quoted
  return quoted.replace(
    /[\u007f-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

function enclose(open: string, parts: string[], close: string, layout: Layout, depth: number): string {
  if (parts.length === 0) return open + close
  if (layout.indent === 0) return open + parts.join(layout.itemSeparator) + close
  const inner = `\n${' '.repeat(layout.indent * depth)}`
  const outer = `\n${' '.repeat(layout.indent * (depth - 1))}`
  return open + inner + parts.join(layout.itemSeparator + inner) + outer + close
}

/** Python sorts by code point. JavaScript's own order is by UTF-16 unit, which puts U+1F680 before U+FF5E. */
function compareCodePoints(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b))
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  if (typeof value !== 'object' || value === null) return false
  const prototype = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}

function typeName(value: unknown): string {
  return typeof value === 'object' ? (value?.constructor.name ?? 'object') : typeof value
}
