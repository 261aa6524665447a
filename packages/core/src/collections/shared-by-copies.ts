/**
 * A value that all copies of this package in the process share; the first one makes it. For what one copy writes down and another has to find: an
 * application may have two, through two of its dependencies.
 */
export function sharedByCopies<Value>(name: string, make: () => Value): Value {
  const place = Symbol.for(`@hookport/core.${name}`)
  const shared = globalThis as unknown as Record<symbol, Value | undefined>
  shared[place] ??= make()
  return shared[place]
}
