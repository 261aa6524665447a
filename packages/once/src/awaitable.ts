/** The answer of a database: at once, or as a promise. */
export type Awaitable<Value> = Value | PromiseLike<Value>

export function isPromise(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as PromiseLike<unknown> | null | undefined)?.then === 'function'
}

/** Continues with a value, synchronously where it is there, so that a synchronous transaction stays within its turn of the event loop. */
export function andThen<Value, Next>(
  value: Awaitable<Value>,
  next: (value: Value) => Awaitable<Next>,
): Awaitable<Next> {
  return isPromise(value) ? value.then(next) : next(value as Value)
}

/** Calls `end` once work has ended, however it ends. Synchronously where the work is. */
export function andFinally<Value>(work: () => Awaitable<Value>, end: () => void): Awaitable<Value> {
  let answer: Awaitable<Value>
  try {
    answer = work()
  } catch (error) {
    end()
    throw error
  }
  if (isPromise(answer)) return Promise.resolve(answer).finally(end)
  end()
  return answer
}
