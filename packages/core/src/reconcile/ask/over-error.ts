/** The time is over, or nobody waits any more. The pass ends here, and the next one continues. Its cause is why there was no answer before, if there was none. */
export class OverError extends Error {
  override readonly name = 'OverError'
}
