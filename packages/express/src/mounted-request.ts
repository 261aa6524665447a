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
export interface Layer {
  readonly handle?: unknown
  /** Express 5: whether it stands without a path. */
  readonly slash?: boolean
  /** Express 4. */
  readonly regexp?: { readonly fast_slash?: boolean }
}
