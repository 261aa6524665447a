/** `2026-11-20T10:00:00Z`, in whole seconds. */
export function isoSeconds(at: Date): string {
  return at.toISOString().replace(/\.\d{3}Z$/, 'Z')
}

/**
 * `2026-11-20T06:00:15.123456+00:00Z`: microseconds, and both an offset and a `Z`, as JAOT's sender writes it.
 * `microseconds`, from 0 to 999, follow the milliseconds of `at`.
 */
export function isoMicrosecondsWithOffsetAndZ(at: Date, microseconds: number): string {
  return at.toISOString().replace(/Z$/, `${String(microseconds).padStart(3, '0')}+00:00Z`)
}
