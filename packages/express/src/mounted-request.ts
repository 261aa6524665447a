/** What Express and similar frameworks say about where they call a middleware. Each property is missing in some framework. */
export interface MountedRequest {
  readonly url?: string | undefined
  readonly originalUrl?: string
  readonly baseUrl?: string
  readonly route?: unknown
  readonly app?: Application
}

interface Application {
  /** Undefined for an application that is not mounted in another. */
  readonly parent?: unknown
  /** Express 4. There, `router` is a getter that throws. */
  readonly _router?: unknown
  /** Express 5. */
  readonly router?: unknown
  enabled?(setting: string): boolean
}

/** An entry of a router: a middleware, or another router. */
export interface Layer {
  readonly handle?: unknown
  /** Express 5: whether it is mounted without a path. */
  readonly slash?: boolean
  /** Express 4. */
  readonly regexp?: { readonly fast_slash?: boolean }
}
