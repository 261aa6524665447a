import { isoMicrosecondsWithOffsetAndZ, isoSeconds } from '../wire/format-time.ts'
import type { Wire } from '../wire/wire-form.ts'

/** The event as if it had happened at another time. It is signed with that time, so it is authentic. */
export function movedInTime(wire: Wire, event: object, at: number): object {
  const date = new Date(at)
  if (wire.provider === 'sematryx') return { ...event, created_at: isoSeconds(date) }
  const timestamp = wire.form === 'real' ? isoMicrosecondsWithOffsetAndZ(date, 0) : isoSeconds(date)
  return { ...event, timestamp }
}

/** The event with `bytes` of padding in its data. */
export function padded(event: object, bytes: number): object {
  const data = 'data' in event && typeof event.data === 'object' ? event.data : {}
  return { ...event, data: { ...data, padding: 'x'.repeat(bytes) } }
}
