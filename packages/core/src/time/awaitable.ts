/** A value, or a promise of one. */
export type Awaitable<Value> = Value | Promise<Value>

export function isPromise<Value>(value: Value | PromiseLike<Value>): value is PromiseLike<Value> {
  return typeof (value as PromiseLike<Value> | undefined)?.then === 'function'
}

/** Continues with a value, synchronously where it is not a promise. So most deliveries never wait for the event loop. */
export function whenHere<Value, Result>(
  value: Awaitable<Value>,
  goOn: (value: Value) => Awaitable<Result>,
): Awaitable<Result> {
  return isPromise(value) ? value.then(goOn) : goOn(value)
}

/** All values in their order, synchronously where none is a promise. */
export function allHere<Value>(values: readonly Awaitable<Value>[]): Awaitable<readonly Value[]> {
  return values.some(isPromise) ? Promise.all(values) : (values as readonly Value[])
}

/** Whether what must be here at once is a promise. Nobody waits for it: if it rejects later, that does not end the process. */
export function isLate(answer: unknown): boolean {
  if (!isPromise(answer)) return false
  answer.then(undefined, () => {})
  return true
}

/**
 * Waits for all of them to end, also where one rejects: an end that fails does not cut the others short.
 *
 * @throws what the first of them rejects with.
 */
export async function allEnded(ending: readonly Promise<unknown>[]): Promise<void> {
  const ends = await Promise.allSettled(ending)
  const failed = ends.find((end) => end.status === 'rejected')
  if (failed) throw failed.reason
}

const aDayMs = 24 * 3600_000

/** Keeps the process alive until a promise settles. The timers of deadlines run in the background and would not. */
export async function keepAlive<Result>(pending: Promise<Result>): Promise<Result> {
  const timer = setInterval(() => {}, aDayMs)
  try {
    return await pending
  } finally {
    clearInterval(timer)
  }
}
