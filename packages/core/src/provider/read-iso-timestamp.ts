import { InvalidEnvelope } from '../contracts/provider.ts'

const utcDateTime = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z$/
const dateTime = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d(?:\.\d+)?)(Z|[+-]\d\d:?\d\d)?(Z?)$/

/**
 * Reads an ISO 8601 instant. Fractions are cut to milliseconds. It takes two forms that `new Date` does not read so:
 * an offset followed by a surplus `Z` (`2026-02-19T06:00:15.123456+00:00Z`), where the offset counts; and no offset at all,
 * which is UTC, not the time zone of this machine.
 *
 * @throws {InvalidEnvelope} if it is not such an instant.
 */
export function readIsoTimestamp(value: unknown, field: string): Date {
  const instant = new Date(typeof value === 'string' ? toReadable(value) : Number.NaN)
  if (Number.isNaN(instant.getTime())) throw new InvalidEnvelope(`its ${field} is not a readable time`)
  return instant
}

/** What `new Date` reads as the same instant. The form that most senders write is that already. */
function toReadable(text: string): string {
  if (utcDateTime.test(text)) return text
  const [, date, time, offset = 'Z'] = dateTime.exec(text) ?? []
  return `${date}T${time}${offset}`
}
