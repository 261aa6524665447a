/** What @koa/router adds to a request: its layers that take the path. */
interface Routed {
  readonly matched?: readonly Layer[]
}

interface Layer {
  /** The methods of a route. Empty for what a router `use`s. */
  readonly methods?: readonly string[]
  readonly stack?: readonly unknown[]
  /** `ignoreCaptures`: the router uses it without a path. */
  readonly opts?: { readonly ignoreCaptures?: boolean }
}

/** Whether a middleware is in a route that takes the request, or at a path of a router, so that the request is meant for it. */
export function standsInRoute(context: object, isMiddleware: (handle: unknown) => boolean): boolean {
  const { matched = [] }: Routed = context
  return matched.some(
    ({ methods = [], stack = [], opts }) =>
      (methods.length > 0 || opts?.ignoreCaptures === false) && stack.some(isMiddleware),
  )
}
