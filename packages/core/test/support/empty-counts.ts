import { type Counts, eventStates } from '@hookport/core'

/** Of an inbox that keeps nothing. */
export const emptyCounts = Object.fromEntries(eventStates.map((state) => [state, 0])) as Counts
