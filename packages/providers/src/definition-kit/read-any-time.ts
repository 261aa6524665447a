import { readIsoTimestamp } from '@hookport/core'

/** Unix times above this are milliseconds: as seconds, it is the year 5138. */
const mostSeconds = 1e11

/** A time as text or as Unix seconds or milliseconds; undefined for anything else. For times that are not needed. */
export function readAnyTime(value: unknown): Date | undefined {
  try {
    if (typeof value !== 'number') return readIsoTimestamp(value, 'time')
  } catch {
    return undefined
  }
  const time = new Date(value > mostSeconds ? value : value * 1000)
  return Number.isNaN(time.getTime()) ? undefined : time
}
