import { messageOf } from '../contracts/reason-of.ts'

/** Longer values are cut off, so that a line stays readable whatever a stranger sends. */
const maxValueLength = 1_000

/** One line: readable, or JSON with `NODE_ENV=production`. */
export function lineOf(level: string, details: Record<string, unknown>, message: string): string {
  const asLine = isProduction() ? jsonLine : readableLine
  try {
    return asLine(level, details, message)
  } catch {
    return asLine(level, writable(details), message)
  }
}

/** Details that can't be written, such as circular ones, cost themselves and not the others. Of an error its name and message are left. */
function writable(details: Record<string, unknown>): Record<string, unknown> {
  const kept = Object.entries(details).map(([name, value]) => {
    try {
      jsonLine('', { value }, '')
      readableLine('', { value }, '')
      return [name, value]
    } catch {
      return [name, isError(value) ? headOf(value) : unwritten]
    }
  })
  return Object.fromEntries(kept)
}

const unwritten = 'could not be written'

/** Also one of another realm, as Node's own errors are in a test of Jest. */
function isError(value: unknown): value is Error {
  return (
    value instanceof Error || /^\[object (?:Error|DOMException)]$/.test(Object.prototype.toString.call(value))
  )
}

/** Its properties may be getters of the application, which throw. */
function headOf(error: Error): string {
  try {
    return `${error.name}: ${error.message}`
  } catch {
    return unwritten
  }
}

function isProduction(): boolean {
  return typeof process === 'object' && process.env?.NODE_ENV === 'production'
}

function jsonLine(level: string, details: Record<string, unknown>, message: string): string {
  const line = { level, time: new Date().toISOString(), name: 'hookport', ...details, msg: message }
  return oneLine(JSON.stringify(line, replacer(errorFields)))
}

/** `hookport warning (sematryx): what happened. Fix: what to do. code=invalid_signature`. */
function readableLine(
  level: string,
  { provider, fix, ...details }: Record<string, unknown>,
  message: string,
): string {
  const head = `hookport ${level === 'warn' ? 'warning' : level}`
  const about = provider === undefined ? '' : ` (${textOf(provider)})`
  const advice = fix === undefined ? '' : ` Fix: ${textOf(fix)}`
  const rest = Object.entries(details).filter(([, value]) => value !== undefined)
  const more = rest.map(([name, value]) => ` ${name}=${writeValue(value)}`).join('')
  return `${head}${about}: ${textOf(message)}.${advice}${more && ` [${more.trim()}]`}`
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? oneLine(plain(value) as string) : writeValue(value)
}

function writeValue(value: unknown): string {
  if (isError(value)) return oneLine(describe(value))
  if (typeof value === 'string' && /^[\w.:/-]{1,200}$/.test(value)) return value
  const text = JSON.stringify(value, replacer(describe))
  return oneLine(text ?? String(value))
}

/** By what an error is, and not by its `toJSON`: that of an HTTP client's error has the headers of the request, with their tokens. */
function replacer(write: (error: Error) => unknown) {
  return function (this: Record<string, unknown>, name: string, value: unknown): unknown {
    const given = this[name]
    return isError(given) ? write(given) : plain(value)
  }
}

function describe(error: Error): string {
  const { name, cause } = error
  return `${name}: ${plain(messageOf(error))}${isError(cause) ? `, because of ${describe(cause)}` : ''}`
}

function errorFields(error: Error): object {
  const { name, stack, cause } = error
  return { type: name, message: messageOf(error), stack, ...(cause !== undefined && { cause }) }
}

/** The value as JSON can hold it, and cut to a readable length. */
function plain(value: unknown): unknown {
  if (typeof value === 'bigint') return String(value)
  if (typeof value !== 'string' || value.length <= maxValueLength) return value
  return `${value.slice(0, maxValueLength)}… (${value.length} characters)`
}

/**
 * Escapes line ends and other control characters as JSON does, so that nobody outside can begin a line of the log, command a terminal that shows it, or
 * have it shown in another order. JSON itself escapes only the first of them.
 */
function oneLine(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are replaced
  return text.replace(/[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]/g, (unit) => {
    return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`
  })
}
