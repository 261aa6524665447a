/** What Express and its kin say of where they call a middleware. Each part is missing in some framework or other. */
export interface MountedRequest {
  readonly url?: string | undefined
  readonly originalUrl?: string
  readonly baseUrl?: string
  readonly route?: unknown
  readonly app?: Application
}

interface Application {
  /** Undefined for an application that is mounted in no other. */
  readonly parent?: unknown
  /** Express 4. There, `router` is a getter that throws. */
  readonly _router?: unknown
  /** Express 5. */
  readonly router?: unknown
  enabled?(setting: string): boolean
}

/** An entry of a router: a middleware, or a router of its own. */
interface Layer {
  readonly handle?: unknown
  /** Express 5: whether it stands without a path. */
  readonly slash?: boolean
  /** Express 4. */
  readonly regexp?: { readonly fast_slash?: boolean }
}

type IsMiddleware = (handle: unknown) => boolean

/**
 * Whether a middleware stands at a path, `app.use('/hook', webhooks)`, or in a route, so that whatever reaches it is meant for it.
 * False where it stands without a path. Undefined where the framework does not say, or both are true.
 */
export function standsAtPath(request: MountedRequest, isMiddleware: IsMiddleware): boolean | undefined {
  const { app, route, baseUrl } = request
  // A route that was tried before, and has passed the request on, is still named here. It holds other functions.
  if (stackOf(route).some(({ handle }) => isMiddleware(handle))) return true
  if (baseUrl === '' && route === undefined) return false
  const layers = [
    ...findLayers(stackOf(app?._router ?? app?.router), app?.parent !== undefined, isMiddleware),
  ]
  const possible = layers.filter(({ nested, withoutPath }) =>
    baseUrl === '' ? withoutPath && !nested : nested || !withoutPath,
  )
  const [first, ...others] = possible.map(({ withoutPath }) => !withoutPath)
  return others.every((other) => other === first) ? first : undefined
}

/** Whether Express holds the middleware anywhere, as far as the request tells. */
export function isHeldBy({ app, route }: MountedRequest, isMiddleware: IsMiddleware): boolean {
  if (stackOf(route).some(({ handle }) => isMiddleware(handle))) return true
  return !findLayers(stackOf(app?._router ?? app?.router), false, isMiddleware).next().done
}

interface Found {
  /** In a router or an application that is mounted itself. */
  readonly nested: boolean
  readonly withoutPath: boolean
}

/** Each time that the middleware stands in a router, or in one that stands there. */
function* findLayers(
  stack: readonly Layer[],
  nested: boolean,
  isMiddleware: IsMiddleware,
  seen = new Set<unknown>(),
): Generator<Found> {
  if (seen.has(stack)) return // a router within itself
  seen.add(stack)
  for (const { handle, slash, regexp } of stack) {
    if (isMiddleware(handle)) yield { nested, withoutPath: slash ?? regexp?.fast_slash ?? false }
    else yield* findLayers(stackOf(handle), true, isMiddleware, seen)
  }
}

function stackOf(holder: unknown): readonly Layer[] {
  const stack = (holder as { readonly stack?: unknown } | undefined)?.stack
  return Array.isArray(stack) ? stack : []
}
