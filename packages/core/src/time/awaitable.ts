/** A value that is here, or promised. */
export type Awaitable<Value> = Value | Promise<Value>

export function isPromise<Value>(value: Value | PromiseLike<Value>): value is PromiseLike<Value> {
  return typeof (value as PromiseLike<Value> | undefined)?.then === 'function'
}

/** Goes on with a value: now, where it is here. What most deliveries pass through waits for nothing that is not awaited. */
export function whenHere<Value, Result>(
  value: Awaitable<Value>,
  goOn: (value: Value) => Awaitable<Result>,
): Awaitable<Result> {
  return isPromise(value) ? value.then(goOn) : goOn(value)
}

/** All values in their order: now, where all are here. */
export function allHere<Value>(values: readonly Awaitable<Value>[]): Awaitable<readonly Value[]> {
  return values.some(isPromise) ? Promise.all(values) : (values as readonly Value[])
}
