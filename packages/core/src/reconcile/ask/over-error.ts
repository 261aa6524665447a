/** No more time, or nobody who waits: the pass ends here, and the next one goes on. */
export class OverError extends Error {
  override readonly name = 'OverError'
}
