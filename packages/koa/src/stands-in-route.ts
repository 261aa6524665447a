/** What @koa/router says of a request: the routes that take its path. */
interface Routed {
  readonly matched?: readonly Layer[]
}

interface Layer {
  readonly methods?: readonly string[]
  readonly stack?: readonly unknown[]
}

/** Whether a middleware stands in a route that takes the request, so that it is meant for it. A router's `use` makes no route. */
export function standsInRoute(context: object, middleware: unknown): boolean {
  const { matched = [] }: Routed = context
  return matched.some(({ methods = [], stack = [] }) => methods.length > 0 && stack.includes(middleware))
}
