import { abortSignal, positiveOrInfinite, type Wanted } from './option-table.ts'

/** How long a pass may last that a scheduler asks for: a drain, or a reconciliation. Netlify gives a scheduled function 30 s, and most platforms give more. */
export const defaultMaxMs = 20_000

/** The limits of such a pass. */
export const passLimits: Readonly<Record<'maxMs' | 'signal', Wanted>> = {
  maxMs: { ...positiveOrInfinite(1), wanted: 'a number of milliseconds above 0, or Infinity' },
  signal: abortSignal,
}
