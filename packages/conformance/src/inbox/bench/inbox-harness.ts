import type { Inbox } from '@hookport/core'

/** What the suite needs to know about an inbox. One harness serves the whole suite. */
export interface InboxHarness {
  /** Whether accepted events outlive the process. */
  readonly durable: boolean
  /**
   * The unit of the windows, leases and delays that the suite uses, in milliseconds. The longest is ten units. If the clock
   * can be moved, 1000 is fine. If the suite really waits, 200 keeps it short.
   */
  readonly timeUnitMs: number
  /**
   * How long the suite waits for something that must happen, before it counts as a failure. It must cover the time in which
   * a consumer notices that it has lost a lease, and the event goes to others. Defaults to 10 s.
   */
  readonly patienceMs?: number
  /** Tests to skip for this inbox, by id, with the reason. */
  readonly skip?: Readonly<Record<string, string>>
  /** Called once per test: a new, empty store. */
  createStore(): InboxStore | Promise<InboxStore>
}

/** One store, and the ways to access it. */
export interface InboxStore {
  /**
   * Another instance over this store, as another process would have. An inbox that lives in one object returns that
   * object every time. The suite closes what it opened.
   */
  open(): Inbox | Promise<Inbox>
  /** The time on the inbox's clock, in milliseconds since 1970. */
  now(): number
  /** Moves the inbox's clock forward. Left out, the suite really waits. */
  advance?(ms: number): Promise<void>
  /**
   * Makes all consumers lose the leases of their current work, as if their process had been frozen for too long. They still
   * run, and the store gives their events to others. If this is left out, I120 to I124, I150 to I155 and I211 must be
   * skipped.
   */
  loseLeases?(): Promise<void>
  /**
   * Lets the leases of all consumers run out, while nobody takes their events, as after a blocked loop or a frozen process. It resolves once the
   * store would give them away. If this is left out, I161 to I164 must be skipped.
   */
  expireLeases?(): Promise<void>
  /** Called last, after all instances are closed. */
  dispose(): Promise<void>
}
