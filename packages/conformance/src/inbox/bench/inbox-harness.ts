import type { Inbox } from '@hookport/core'

/** What the suite has to be told of an inbox. One harness serves the whole suite. */
export interface InboxHarness {
  /** Whether what was accepted outlives the process. */
  readonly durable: boolean
  /**
   * The unit of the windows, leases and delays that the suite uses, in milliseconds; the longest is ten of them. Where the
   * clock can be moved, 1000 is fine. Where the suite really waits, 200 keeps it short.
   */
  readonly timeUnitMs: number
  /**
   * How long the suite waits for what must happen sooner or later, before it calls that a failure. Must cover the time in
   * which a consumer notices that it lost a lease, and the event comes back to others. Defaults to 10 s.
   */
  readonly patienceMs?: number
  /** Which tests are not run against this inbox, by id, and why. */
  readonly skip?: Readonly<Record<string, string>>
  /** Called once per test: a new, empty store. */
  createStore(): InboxStore | Promise<InboxStore>
}

/** One store, and the ways to get at it. */
export interface InboxStore {
  /**
   * Another instance over this store, as another process would have. An inbox that lives in one object returns that
   * object every time. The suite closes what it opened.
   */
  open(): Inbox | Promise<Inbox>
  /** The time on the inbox's clock, in milliseconds since 1970. */
  now(): number
  /** Moves the inbox's clock on. Left out, the suite really waits. */
  advance?(ms: number): Promise<void>
  /**
   * Makes all consumers lose the leases under which they work right now, as if their process had been frozen for too long:
   * they still run, and the store gives their events to others. Left out, I120 to I122 and I150 to I153 have to be
   * skipped.
   */
  loseLeases?(): Promise<void>
  /**
   * Has the leases of all consumers run out, and nobody take their events, as after a blocked loop or a frozen process. It resolves once the
   * store would give them away. Left out, I161 to I163 have to be skipped.
   */
  expireLeases?(): Promise<void>
  /** Called last, after all instances were closed. */
  dispose(): Promise<void>
}
