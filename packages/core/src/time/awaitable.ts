/** A value that is here, or promised. */
export type Awaitable<Value> = Value | Promise<Value>

export function isPromise<Value>(value: Value | PromiseLike<Value>): value is PromiseLike<Value> {
  return typeof (value as PromiseLike<Value> | undefined)?.then === 'function'
}
