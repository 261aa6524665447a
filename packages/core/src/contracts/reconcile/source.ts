/** One thing in a provider's list: a run, an optimization. */
export interface ListedThing {
  /** The id by which its events name it: `subject` of the envelope. */
  readonly subject: string
  /** The tenant, where the receiver has tenants. */
  readonly tenant?: string | undefined
  /** Whether it belongs to another receiver and is only in the same list. Defaults to false. */
  readonly isOther?: boolean | undefined
  /** The provider's word for its state. For people. */
  readonly status: string
  /** Milliseconds since 1970. Undefined where the provider does not say. */
  readonly createdAt: number | undefined
  /** Whether it will not change any more, and an event reports its end. */
  readonly hasEnded: boolean
  /** Milliseconds since 1970. Undefined while it goes on, or where the provider does not say. It then counts as ended when it was created. */
  readonly endedAt?: number | undefined
  /** The provider's own report of its delivery, where that failed: a sentence for the operator. */
  readonly deliveryFailed?: string | undefined
  /** As the API returns it. */
  readonly answer: unknown
  /** The type of the event that reports its end. Where it is given and this end is already known, `event` is not called. Defaults to unknown. */
  readonly type?: string | undefined
  /**
   * The parsed body that the provider sends at its end. `readEnvelope` reads it like a delivery. Only called for what has ended. It may ask the
   * provider for what the list leaves out.
   */
  event(ask: Ask): object | Promise<object>
}

/** A page of a provider's list. */
export interface ListedPage {
  /** Newest first, by the time of creation. */
  readonly items: readonly ListedThing[]
  /** How many items the page has, unreadable ones included. */
  readonly count: number
  /** Undefined where the provider does not say. Then the list ends with a page that has nothing, or nothing new. */
  readonly isLast: boolean | undefined
}

/** How much of a rate limit is left. */
export interface RateLimit {
  /** How many requests are answered in one window. */
  readonly limit: number
  readonly remaining: number
  /** Milliseconds until the next window begins. */
  readonly resetMs: number
}

/** What a source is given to ask the provider. */
export interface Asking {
  /** Aborted when the answer is no longer waited for. */
  readonly signal: AbortSignal
  /** To be called with every answer that says how much of the rate limit is left. */
  readonly onRateLimit: (rate: RateLimit) => void
}

/** Asks the provider within the limits of the pass, and retries where there is no answer. */
export type Ask = <Answer>(question: (asking: Asking) => Promise<Answer>) => Promise<Answer>

/** Where a page begins: after this many items, and this many pages. */
export interface PagePosition {
  readonly itemsBefore: number
  readonly pagesBefore: number
}

/** How a provider is asked for what has ended. If a function throws, it is retried with growing waits, unless the error `isFinal`. */
export interface SourceDefinition {
  /** Name of the provider whose events it creates. */
  provider: string
  /** Milliseconds from one pass over the lists to the next. Each is moved at random by at most a tenth. */
  every: number
  /** How long after its creation a thing may end and still be found, in milliseconds. No pass goes back further. Defaults to the receiver's `dedupeWindow`. */
  lookBack?: number | undefined
  /** Only what ended since then is taken on. Defaults to the very first start. Never older than `dedupeWindow`. */
  from?: Date | undefined
  /** The share of the rate limit that may be used. The rest is for the application. Defaults to 0.5. */
  share?: number | undefined
  /** Whether it lists everything of the account, wherever its events are sent. Only a receiver with the provider's name can have such a source. */
  isWhole: boolean
  /** Whether its things name their tenant. Required where the receiver's function that picks the secret may answer a tenant. */
  hasTenants?: boolean | undefined
  /** Whether a retry is pointless, as for a wrong API key. Defaults to never. */
  isFinal?: ((error: unknown) => boolean) | undefined
  /** The names of its lists, such as ids of triggers. Defaults to one without a name. */
  lists?: ((asking: Asking) => readonly string[] | Promise<readonly string[]>) | undefined
  /** A page of a list. */
  readPage(list: string, position: PagePosition, asking: Asking): Promise<ListedPage>
  /** One thing. Undefined where the list has no such thing. */
  find(list: string, subject: string, asking: Asking): Promise<ListedThing | undefined>
}

/** A checked source. Created by `defineSource`. */
export interface Source extends SourceDefinition {
  readonly share: number
  readonly hasTenants: boolean
  isFinal(error: unknown): boolean
  lists(asking: Asking): readonly string[] | Promise<readonly string[]>
  /** The code that compares with it. It comes with the source, so that a receiver without one is not larger. */
  readonly makeReconciler: (...needs: never[]) => unknown
}
