/** How long ids are remembered, and what was taken on while that was shorter. It is stored, as it outlives a process. */
export interface MemorySpan {
  /** The receiver's `dedupeWindow`. */
  readonly windowMs: number
  /** When it was made longer, in milliseconds since 1970. Ids from before are still forgotten by the old length. */
  readonly raisedAt?: number | undefined
  /** The length before that. */
  readonly beforeMs?: number | undefined
}

/** With today's `dedupeWindow`. */
export function spanNow(kept: MemorySpan | undefined, windowMs: number, now: number): MemorySpan {
  if (kept === undefined || kept.windowMs === windowMs) return kept ?? { windowMs }
  if (windowMs < kept.windowMs) return { ...kept, windowMs }
  const isOver = kept.raisedAt === undefined || kept.raisedAt < now - kept.windowMs
  const beforeMs = isOver ? kept.windowMs : Math.min(kept.windowMs, kept.beforeMs ?? kept.windowMs)
  return { windowMs, raisedAt: now, beforeMs }
}

/** What ended before this time may have been taken on and forgotten. In milliseconds since 1970. */
export function forgottenUntil({ windowMs, raisedAt, beforeMs }: MemorySpan, now: number): number {
  const oldest = now - windowMs
  if (raisedAt === undefined || beforeMs === undefined) return oldest
  return Math.max(oldest, Math.min(raisedAt, now - beforeMs))
}
