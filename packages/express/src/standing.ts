import type { Layer, MountedRequest } from './mounted-request.ts'

type IsMiddleware = (handle: unknown) => boolean

/** A place at which the middleware is mounted in a router, or in a router within it. */
interface Found {
  /** Whether that router is itself mounted. */
  readonly nested: boolean
  readonly withoutPath: boolean
}

/** What was found in an application's router, and in the routers in it. */
interface Search {
  readonly found: readonly Found[]
  /** The routers that were searched, with their number of entries. */
  readonly routers: ReadonlyMap<readonly Layer[], number>
}

/** Where a middleware is mounted, as far as the framework says. The routers of an application are searched once, and again when they have changed. */
export class Standing {
  readonly #isMiddleware: IsMiddleware
  readonly #searches = new WeakMap<readonly Layer[], Search>()

  constructor(isMiddleware: IsMiddleware) {
    this.#isMiddleware = isMiddleware
  }

  /**
   * Whether the middleware is mounted at a path, `app.use('/hook', webhooks)`, or in a route. Then every request that reaches it is meant for it.
   * False where it is mounted without a path. Undefined where the framework does not say, or both are true.
   */
  isAtPath(request: MountedRequest): boolean | undefined {
    const { app, route, baseUrl } = request
    if (this.#isInRoute(request)) return true
    if (baseUrl === '')
      return route === undefined || this.#find(request).some(({ withoutPath }) => withoutPath)
        ? false
        : undefined
    const isMounted = app?.parent !== undefined
    let isAtPath: boolean | undefined
    for (const { nested, withoutPath } of this.#find(request)) {
      if (withoutPath && !nested && !isMounted) continue // there, the base is empty
      if (isAtPath === withoutPath) return undefined
      isAtPath = !withoutPath
    }
    return isAtPath
  }

  /** Whether Express holds the middleware anywhere. */
  isHeld(request: MountedRequest): boolean {
    return this.#isInRoute(request) || this.#find(request).length > 0
  }

  /** A route that was tried earlier, and passed the request on, is still named in the request. It has other functions. */
  #isInRoute({ route }: MountedRequest): boolean {
    return stackOf(route).some(({ handle }) => this.#isMiddleware(handle))
  }

  #find({ app }: MountedRequest): readonly Found[] {
    const stack = stackOf(app?._router ?? app?.router)
    const before = this.#searches.get(stack)
    if (before !== undefined && this.#isStill(before)) return before.found
    const routers = new Map<readonly Layer[], number>()
    const search = { found: [...this.#layersIn(stack, false, routers)], routers }
    this.#searches.set(stack, search)
    return search.found
  }

  #isStill({ routers }: Search): boolean {
    return [...routers].every(([stack, length]) => stack.length === length)
  }

  *#layersIn(
    stack: readonly Layer[],
    nested: boolean,
    routers: Map<readonly Layer[], number>,
  ): Generator<Found> {
    if (routers.has(stack)) return // a router that contains itself
    routers.set(stack, stack.length)
    for (const layer of stack) {
      const { handle, slash, regexp } = layer
      if (this.#isMiddleware(handle)) yield { nested, withoutPath: slash ?? regexp?.fast_slash === true }
      else yield* this.#layersIn(stackOf(handle), true, routers)
    }
  }
}

const noLayers: readonly Layer[] = []

function stackOf(holder: unknown): readonly Layer[] {
  const stack = (holder as { readonly stack?: unknown } | undefined)?.stack
  return Array.isArray(stack) ? stack : noLayers
}
