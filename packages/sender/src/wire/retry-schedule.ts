import type { Wire } from './wire-form.ts'

/**
 * How long each provider waits, in ms, after a failed attempt before the next one. There is one attempt more than delays. Source: Sematryx's
 * documentation (6 attempts, the last one 25 h 6 min 1 s after the first), JAOT's public sender code (4 attempts, 210 s).
 */
export const retrySchedules = {
  sematryx: [1_000, 60_000, 300_000, 3_600_000, 86_400_000],
  jaot: [30_000, 60_000, 120_000],
} as const

/** How long each provider waits for a reply, in ms. Sematryx hangs up after 5 s. JAOT's documentation says 30 s, but its sender code waits 10 s. */
export const responseDeadlines = {
  sematryx: 5_000,
  jaot: { documented: 30_000, real: 10_000 },
} as const

export function responseDeadlineOf(wire: Wire): number {
  return wire.provider === 'sematryx' ? responseDeadlines.sematryx : responseDeadlines.jaot[wire.form]
}
