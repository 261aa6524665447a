/** One thing as a provider tells of it: a run, an optimization. */
export interface ListedThing {
  /** The id by which its events name it: `subject` of the envelope. */
  readonly subject: string
  /** Whose it is, where the receiver has tenants. */
  readonly tenant?: string | undefined
  /** Whether it is not this receiver's, and only stands in the same list. Defaults to false. */
  readonly isOther?: boolean | undefined
  /** As the provider calls it. For people. */
  readonly status: string
  /** Milliseconds since 1970. Undefined where the provider does not say. */
  readonly createdAt: number | undefined
  /** Whether it will change no more, and an event tells of its end. */
  readonly hasEnded: boolean
  /** Milliseconds since 1970. Undefined while it goes on, or where the provider does not say: it counts as ended when it was created. */
  readonly endedAt?: number | undefined
  /** What the provider reports of its own delivery, where that failed: a sentence for the operator. */
  readonly deliveryFailed?: string | undefined
  /** As the API has it. */
  readonly answer: unknown
  /** The type of the event that tells of its end. Given, `event` is not called, and nothing asked, where the end is known. Defaults to unknown. */
  readonly type?: string | undefined
  /**
   * The body that the provider sends of its end, parsed: it is read by `readEnvelope` like one that was sent. Only called for what has ended, and
   * may ask for what the list leaves out.
   */
  event(ask: Ask): object | Promise<object>
}

/** A page of a provider's list. */
export interface ListedPage {
  /** The newest first, as they were created. */
  readonly items: readonly ListedThing[]
  /** How many the page has, those included that can't be read. */
  readonly count: number
  /** Undefined where the provider does not say: the list ends with a page that has nothing, or nothing new. */
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

/** What a source is given when it is to ask the provider. */
export interface Asking {
  /** Aborted when the answer is no longer waited for. */
  readonly signal: AbortSignal
  /** To be told of every answer that says how much of the rate limit is left. */
  readonly onRateLimit: (rate: RateLimit) => void
}

/** Asks the provider within the bounds of the pass, and again where there is no answer. */
export type Ask = <Answer>(question: (asking: Asking) => Promise<Answer>) => Promise<Answer>

/** Where a page begins: behind so many items, and so many pages. */
export interface PagePosition {
  readonly itemsBefore: number
  readonly pagesBefore: number
}

/** How a provider is asked for what has ended. What its functions throw is asked for again, with growing waits, unless it `isFinal`. */
export interface SourceDefinition {
  /** Name of the provider whose events it makes. */
  provider: string
  /** Milliseconds from one pass over the lists to the next. Each is moved at random, by a tenth at the most. */
  every: number
  /**
   * How long after it was created a thing may end and be found, in milliseconds: no pass goes back further. Defaults to the receiver's
   * `dedupeWindow`.
   */
  lookBack?: number | undefined
  /** Only what ended since then is taken on. Defaults to the very first start. Never older than `dedupeWindow`. */
  from?: Date | undefined
  /** Which part of the rate limit may be used: the rest is the application's own. Defaults to 0.5. */
  share?: number | undefined
  /** Whether it lists all that the account has, whatever it is sent to. Only a receiver that has the provider's name can have such a source. */
  isWhole: boolean
  /** Whether its things say their tenant. It must be so where the receiver's function that picks the secret may answer one. */
  hasTenants?: boolean | undefined
  /** Whether asking again is pointless, as for a key that is wrong. Defaults to never. */
  isFinal?: ((error: unknown) => boolean) | undefined
  /** The names of its lists, such as ids of triggers. Defaults to one without a name. */
  lists?: ((asking: Asking) => readonly string[] | Promise<readonly string[]>) | undefined
  /** A page of a list. */
  readPage(list: string, position: PagePosition, asking: Asking): Promise<ListedPage>
  /** One thing. Undefined where the list has no such thing. */
  find(list: string, subject: string, asking: Asking): Promise<ListedThing | undefined>
}

/** A source, checked. Made by `defineSource`. */
export interface Source extends SourceDefinition {
  readonly share: number
  readonly hasTenants: boolean
  isFinal(error: unknown): boolean
  lists(asking: Asking): readonly string[] | Promise<readonly string[]>
  /** What compares by it. It comes with the source, so that a receiver without one is no larger for it. */
  readonly makeReconciler: (...needs: never[]) => unknown
}
