/** What @koa/router says of a request: what in it takes its path. */
interface Routed {
  readonly matched?: readonly Layer[]
}

interface Layer {
  /** Methods that a route takes. Empty for what a router `use`s. */
  readonly methods?: readonly string[]
  readonly stack?: readonly unknown[]
  /** `ignoreCaptures`: a router uses it without a path. */
  readonly opts?: { readonly ignoreCaptures?: boolean }
}

/** Whether a middleware stands in a route that takes the request, or at a path of a router, so that it is meant for it. */
export function standsInRoute(context: object, isMiddleware: (handle: unknown) => boolean): boolean {
  const { matched = [] }: Routed = context
  return matched.some(
    ({ methods = [], stack = [], opts }) =>
      (methods.length > 0 || opts?.ignoreCaptures === false) && stack.some(isMiddleware),
  )
}
