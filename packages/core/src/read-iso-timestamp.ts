import { InvalidEnvelope } from './provider.ts'

const dateTime = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d(?:\.\d+)?)(Z|[+-]\d\d:?\d\d)?(Z?)$/

/**
 * Reads an ISO 8601 instant, and two forms of it that `new Date` does not: an offset followed by a surplus `Z`
 * (`2026-02-19T06:00:15.123456+00:00Z`, what JAOT's sender writes), where the offset counts; and no offset at all, which is
 * UTC here, not the time zone of this machine. Fractions are cut to milliseconds.
 *
 * @throws {InvalidEnvelope} if it is not such an instant.
 */
export function readIsoTimestamp(value: unknown, field: string): Date {
  const [, date, time, offset = 'Z'] = (typeof value === 'string' && dateTime.exec(value)) || []
  const instant = new Date(`${date}T${time}${offset}`)
  if (Number.isNaN(instant.getTime())) throw new InvalidEnvelope(`its ${field} is not a readable time`)
  return instant
}
