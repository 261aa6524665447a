import type { ProviderName } from './wire-form.ts'

/** The type, id and time in an event, where it has them. */
export interface EventDescription {
  /** Its event type, or null. */
  type: string | null
  /** Its id, or null. JAOT's events have none. */
  id: string | null
  /** The instant in its own timestamp, in ms since the epoch, or null. */
  time: number | null
}

/** Reads type, id and time from an event in its provider's envelope. Never throws. */
export function describeEvent(provider: ProviderName, event: unknown): EventDescription {
  const envelope: Record<string, unknown> = typeof event === 'object' && event !== null ? { ...event } : {}
  return provider === 'sematryx'
    ? { type: textOf(envelope.type), id: textOf(envelope.id), time: instantOf(envelope.created_at) }
    : { type: textOf(envelope.event), id: null, time: instantOf(envelope.timestamp) }
}

/** Like `describeEvent`, from the bytes of a body, which may be anything. Never throws. */
export function describeBody(provider: ProviderName, body: Uint8Array): EventDescription {
  try {
    return describeEvent(provider, parsed(Buffer.from(body).toString('utf8')))
  } catch {
    return describeEvent(provider, null)
  }
}

/** As JSON first: the expression that finds Python's numbers fails at strings of some millions of letters. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return JSON.parse(withoutPythonNumbers(text))
  }
}

/** Replaces the numbers that Python writes and JSON does not have by `null`. Strings stay unchanged. */
function withoutPythonNumbers(text: string): string {
  return text.replace(/"(?:[^"\\]|\\.)*"|-?Infinity|NaN/g, (token) =>
    token.startsWith('"') ? token : 'null',
  )
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' ? value : null
}

/** JAOT's real timestamps end with both an offset and a `Z`. The `Z` is ignored. */
function instantOf(value: unknown): number | null {
  if (typeof value !== 'string') return null
  const instant = Date.parse(value.replace(/([+-]\d\d:\d\d)Z$/, '$1'))
  return Number.isNaN(instant) ? null : instant
}
