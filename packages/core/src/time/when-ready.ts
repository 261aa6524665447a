export type Awaitable<Value> = Value | Promise<Value>

export function isPromise<Value>(value: Value | PromiseLike<Value>): value is PromiseLike<Value> {
  return typeof (value as PromiseLike<Value> | undefined)?.then === 'function'
}

/**
 * Goes on with a value: now if it is here, later if it is promised. Most of what a delivery waits for is here already, and a
 * promise for each step would cost more than the step.
 */
export function whenReady<Value, Result>(
  value: Value | PromiseLike<Value>,
  goOn: (value: Value) => Awaitable<Result>,
): Awaitable<Result> {
  return isPromise(value) ? Promise.resolve(value).then(goOn) : goOn(value)
}
