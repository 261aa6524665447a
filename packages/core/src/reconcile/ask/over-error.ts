/** The time is over, or nobody waits any more. The pass ends here, and the next one continues. */
export class OverError extends Error {
  override readonly name = 'OverError'
}
